{#-
    Rows of `fct_usage_daily` summed by day and member of each scope that is forecast. `plain_usd`
    is without what an event of one feature was planned to multiply.
-#}
{% macro forecast_scoped_days(usage, event_days) -%}
    with feature_days as (

        select
            utc_day,
            {{ guarded_member("feature") }} as feature,
            {{ guarded_member("tenant_id") }} as tenant_id,
            sum(estimate_usd) as usd
        from {{ usage }}
        group by utc_day, {{ guarded_member("feature") }}, {{ guarded_member("tenant_id") }}

    ),

    plain as (

        select
            feature_days.*,
            {{ usd_per("feature_days.usd", "coalesce(events.uplift, 1)") }} as plain_usd
        from feature_days
        left join {{ event_days }} as events
            on feature_days.feature = events.feature and feature_days.utc_day = events.utc_day

    )

    {{ by_forecast_scope("plain", {
        "utc_day": "utc_day",
        "usd": sum_usd("usd"),
        "plain_usd": sum_usd("plain_usd"),
    }) }}
{%- endmacro %}

{#- An integer for a day, the same in every run. -#}
{% macro day_number(day) -%}
    datediff('day', date '2000-01-01', {{ day }})
{%- endmacro %}

{#-
    Every day of every member that is forecast, and the horizon after: 0 where it made no call, NULL
    where nobody did, on days of events, and where its calls have no price.
-#}
{% macro forecast_points(scoped, active, bounds, event_days, shape) -%}
    with delivered as (

        select utc_day from {{ scoped }} where scope = 'company'

    ),

    days as (

        select
            cast(unnest(generate_series(
                first_day, last_day + {{ shape.season * shape.blocks }}, interval 1 day
            )) as date) as utc_day
        from {{ bounds }}

    ),

    members as (

        select distinct scope, member from {{ active }}

    )

    select
        members.scope,
        members.member,
        {{ day_number("days.utc_day") }} as step,
        case
            when delivered.utc_day is null then null
            when of_all.utc_day is not null or of_member.utc_day is not null then null
            when scoped.utc_day is null then 0
            else scoped.plain_usd
        end as usd,
        -- the month is that of the first day to come
        cast(case when {{ month_of("days.utc_day") }} = {{ month_of("days.utc_day + 1") }} then
            coalesce(sum(scoped.usd) over (
                partition by members.scope, members.member, {{ month_of("days.utc_day") }}
                order by days.utc_day
            ), 0) else 0 end as decimal(28, 9)) as month_to_date_usd
    from members
    cross join days
    left join delivered on days.utc_day = delivered.utc_day
    left join {{ scoped }} as scoped
        on members.scope = scoped.scope
        and members.member = scoped.member
        and days.utc_day = scoped.utc_day
    left join {{ event_days }} as of_all
        on days.utc_day = of_all.utc_day and of_all.feature is null
    left join {{ event_days }} as of_member
        on days.utc_day = of_member.utc_day
        and members.scope = 'feature'
        and members.member = of_member.feature
{%- endmacro %}

{#- Sums of rows by each scope that is forecast and its member; `measures` by name. -#}
{% macro by_forecast_scope(rows, measures) -%}
    {% for scope, column in forecast_scopes().items() -%}
    select
        '{{ scope }}' as scope,
        {{ guarded_member(column) }} as member
        {%- for name, expression in measures.items() %},
        {{ expression }} as {{ name }}
        {%- endfor %}
    from {{ rows }}
    group by all
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}
{%- endmacro %}
