{#-
    Where each commitment stands: what is left, and when it runs out at the pace of its newest 28
    complete days. Definition: DECISIONS.md, `remaining_usd`.
-#}
{{ config(materialized="table") }}

{%- set fewest_days = 7 %}

with life as (

    select
        *,
        committed_usd - drawn_usd as remaining_usd,
        -- `greatest` passes over NULL: an unknown end stays unknown
        case when valid_to is not null then greatest(valid_to - 1 - as_of_day, 0) end as days_left,
        kind in ('spend', 'credit', 'stated') and pace_days >= {{ fewest_days }} as has_pace
    from {{ ref("int_commitment_life") }}

),

paced as (

    select
        *,
        -- what the rest of the term draws at that pace; nothing when the term is over
        case when days_left = 0 then cast(0 as decimal(28, 12))
            when has_pace then {{ proportion("pace_usd", "days_left", "pace_days") }}
        end as still_to_draw_usd,
        -- days that the rest lasts, the last one begun
        case when has_pace and pace_usd > 0 and remaining_usd > 0 then cast(
            ({{ usd_units("remaining_usd") }} * pace_days + {{ usd_units("pace_usd") }} - 1)
            // {{ usd_units("pace_usd") }} as bigint
        ) end as lasts_days
    from life

),

final as (

    select
        commitment,
        valid_from,
        valid_to,
        kind,
        provider,
        cast(committed_usd as decimal(28, 12)) as committed_usd,
        cast(billed_usd as decimal(28, 12)) as billed_usd,
        effective_usd,
        used_usd,
        idle_usd,
        on_demand_usd,
        {{ commitment_saving() }} as saving_usd,
        drawn_usd,
        cast(remaining_usd as decimal(28, 12)) as remaining_usd,
        as_of_day,
        {{ as_count("pace_days") }} as pace_days,
        pace_usd,
        coalesce(
            exhausted_on,
            case when lasts_days <= days_left then as_of_day + cast(lasts_days as integer) end
        ) as exhausted_on,
        cast(case
            when kind = 'provisioned' then null
            when remaining_usd > still_to_draw_usd then remaining_usd - still_to_draw_usd
            when remaining_usd <= still_to_draw_usd then 0
        end as decimal(28, 12)) as unused_at_end_usd,
        {{ ratio("used_usd", "on_demand_usd") }} as break_even_ratio,
        {{ ratio("drawn_usd", "committed_usd") }} as drawn_ratio
    from paced

)

select * from final
