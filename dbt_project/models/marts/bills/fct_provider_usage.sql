{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(['billing_usage']) }}",
    )
}}

with usage_reports as (

    select * from {{ ref("int_usage_current") }}

),

matches as (

    select * from {{ ref("stg_prices__model_matches") }}

),

final as (

    select
        usage_reports.utc_day,
        usage_reports.source_name,
        coalesce(matches.provider_name, usage_reports.x_provider) as provider,
        usage_reports.usage_type,
        -- the same tokens stand in the provider's main report, or in its activity
        coalesce(
            (
                usage_reports.usage_type = 'claude_code'
                and usage_reports.x_customer_type is distinct from 'subscription'
            )
            or usage_reports.x_restatement_key like 'openrouter|generation|%',
            false
        ) as is_breakdown,
        usage_reports.bucket_start,
        usage_reports.bucket_end,
        coalesce(matches.model_id, usage_reports.model) as model_id,
        usage_reports.model is null or matches.model_id is not null as is_model_known,
        usage_reports.model,
        usage_reports.service_tier,
        usage_reports.is_batch,
        usage_reports.context_window,
        usage_reports.sub_account_id,
        usage_reports.x_api_key_id,
        usage_reports.x_user_id,
        usage_reports.x_customer_type,
        usage_reports.x_dimensions,
        usage_reports.input_uncached_tokens,
        usage_reports.cache_read_tokens,
        usage_reports.cache_write_5m_tokens,
        usage_reports.cache_write_1h_tokens,
        usage_reports.cache_write_other_tokens,
        usage_reports.input_audio_tokens,
        usage_reports.output_tokens,
        usage_reports.reasoning_tokens,
        usage_reports.output_audio_tokens,
        usage_reports.requests,
        usage_reports.quantity,
        usage_reports.quantity_unit,
        usage_reports.x_estimated_cost_usd,
        usage_reports.x_as_of,
        usage_reports.source_file,
        usage_reports.source_line,
        coalesce(usage_reports.x_record, usage_reports.source_line) as record_number
    from usage_reports
    left join matches
        on usage_reports.x_provider = matches.provider
        and usage_reports.model = matches.model
        and usage_reports.bucket_start >= matches.valid_from
        and usage_reports.bucket_start < matches.valid_to

)

select * from final
