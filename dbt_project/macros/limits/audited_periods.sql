{#-
    Steps of `int_capped_calls`: `audited`, the periods of hard limits, of the two months before the
    newest hour, in which the limit was reached or a call was refused for a budget. Five hours that
    move along are in none.
-#}
{% macro audited_period_steps() -%}
newest as (

    select max(utc_hour) - interval {{ audited_days() }} day as first_hour
    from {{ ref("fct_usage_hourly") }}

),

hard as (

    select *, list_contains(names, '*') as is_of_each
    from {{ ref("stg_workspace__limits") }}
    where kind = 'hard' and unit = 'usd' and period <> '5h'

),

refusals as (

    select calls.*
    from {{ ref("fct_calls") }} as calls
    inner join newest on calls.utc_day >= cast(newest.first_hour as date)
    where {{ is_budget_refusal("calls") }} and exists (select 1 from hard)

),

refused as (

    {% for scope, column in limit_scopes().items() -%}
    select
        '{{ scope }}' as scope,
        {{ column or "'all'" }} as member,
        date_trunc('hour', started_at) as utc_hour
    from refusals
    group by all
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}

),

hours as (

    select hours.*, refused.utc_hour is not null as is_refused
    from {{ ref("int_limited_hours") }} as hours
    inner join newest on hours.utc_hour >= newest.first_hour
    left join refused
        on hours.scope = refused.scope
        and hours.member = refused.member
        and hours.utc_hour = refused.utc_hour
    where hours.unit = 'usd'

),

periods as (

    select
        hard.scope,
        hours.member,
        hard.period,
        {{ period_start("hard.period", "hours.utc_hour") }} as period_start,
        {{ period_end("hard.period", "hours.utc_hour") }} as period_end,
        cast(hard.limit_usd as decimal(28, 9)) as limit_usd,
        hard.owner,
        hard.source,
        hard.is_of_each,
        sum(hours.quantity) as spent_usd,
        bool_or(hours.is_refused) as is_refused
    from hard
    inner join hours
        on hard.scope = hours.scope
        and hard.valid_from <= hours.utc_hour
        and hard.valid_to > hours.utc_hour
    where hard.is_of_each or list_contains(hard.names, hours.member)
    group by all

),

audited as (

    select periods.* exclude (is_of_each, spent_usd, is_refused)
    from periods
    inner join newest on periods.period_start >= newest.first_hour
    where periods.spent_usd >= periods.limit_usd or periods.is_refused
    qualify row_number() over (
        partition by periods.scope, periods.member, periods.period, periods.period_start
        order by periods.is_of_each, periods.source
    ) = 1

),
{%- endmacro %}
