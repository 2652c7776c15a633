with untagged as (

    select * from {{ ref("fct_untagged_monthly") }}

),

final as (

    select
        this.month,
        this.dimension,
        this.source_name,
        this.api_key_id,
        this.team_tag,
        this.likely_owner,
        this.calls,
        this.unpriced_calls,
        this.estimate_usd,
        cast(earlier.estimate_usd as decimal(28, 9)) as previous_month_usd,
        cast(this.estimate_usd - earlier.estimate_usd as decimal(28, 9)) as change_usd
    from untagged as this
    left join untagged as earlier
        on this.month = earlier.month + interval 1 month
        and this.dimension = earlier.dimension
        and this.source_name = earlier.source_name
        and this.api_key_id is not distinct from earlier.api_key_id
        and this.team_tag is not distinct from earlier.team_tag

)

select * from final
