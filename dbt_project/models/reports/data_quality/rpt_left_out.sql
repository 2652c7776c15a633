with left_out as (

    select * from {{ ref("fct_left_out_daily") }}

),

final as (

    select
        {{ month_of("utc_day") }} as month,
        source_name,
        kind,
        reason,
        {{ as_count("count(distinct source_file)") }} as files,
        {{ as_count("sum(records)") }} as records,
        {{ as_count("sum(input_tokens)") }} as input_tokens,
        {{ as_count("sum(output_tokens)") }} as output_tokens,
        {{ as_count("sum(unclassified_tokens)") }} as unclassified_tokens,
        {{ sum_usd("estimate_usd") }} as estimate_usd,
        {{ as_count("sum(unpriced_records)") }} as unpriced_records,
        {{ sum_usd("reported_usd") }} as reported_usd,
        {{ as_count("sum(unconverted_records)") }} as unconverted_records
    from left_out
    group by {{ month_of("utc_day") }}, source_name, kind, reason

)

select * from final
