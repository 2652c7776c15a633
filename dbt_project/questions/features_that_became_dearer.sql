-- Of which features did the cost of a success rise most, and why?
-- Estimates of closed tasks, month against month; the driver that pushed most, and who acts on it.
with drivers as (

    select
        *,
        row_number() over (partition by member order by effect_usd desc, driver) as rank
    from reports.rpt_cost_bridge
    where period_grain = 'month'
        and dimension = 'feature'
        and measure = 'cost_per_success'
        and period_start = (select max(month) from reports.rpt_overview where is_complete)

)

select
    member as feature,
    previous_usd,
    current_usd,
    change_usd,
    driver,
    effect_usd,
    owner,
    change_event
from drivers
where rank = 1 and change_usd > 0
order by change_usd desc, feature
limit 5;
