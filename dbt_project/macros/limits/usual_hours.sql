{#-
    Hours with what is usual in each. `hours`: scope, member, as_of, utc_hour without a hole,
    actual_usd, NULL where unknown, and uplift. Of an hour to come without any of the four weeks it
    is the mean hour so far.
-#}
{% macro usual_hours_select(hours) -%}
    with plain as (

        select *, cast({{ ratio("actual_usd", "uplift") }} as decimal(28, 9)) as plain_usd
        from {{ hours }}

    ),

    weeks as (

        select
            *,
            [
                plain_usd
                {%- for week in [1, 2, 3] %}, lag(plain_usd, {{ 168 * week }}) over series
                {%- endfor -%}
            ] as same_hours
        from plain
        window series as (partition by scope, member order by utc_hour)

    ),

    lately as (

        select scope, member, {{ usd_per("sum(plain_usd)", "count(plain_usd)") }} as plain_usd
        from plain
        where utc_hour >= as_of - interval 28 day
        group by scope, member

    )

    select
        plain.scope,
        plain.member,
        plain.utc_hour,
        plain.actual_usd,
        cast(plain.uplift * coalesce(
            {{ usd_per("list_sum(weeks.same_hours)", "list_count(weeks.same_hours)") }},
            case when plain.utc_hour >= plain.as_of then lately.plain_usd end
        ) as decimal(28, 9)) as usual_usd
    from plain
    inner join lately on plain.scope = lately.scope and plain.member = lately.member
    left join weeks
        on plain.scope = weeks.scope
        and plain.member = weeks.member
        -- so many whole weeks before it that the hour is known
        and weeks.utc_hour = plain.utc_hour - to_hours(168 * greatest(
            1, datediff('hour', plain.as_of, plain.utc_hour) // 168 + 1
        ))
{%- endmacro %}
