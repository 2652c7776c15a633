{#-
    Hours with what is usual in each. `hours`: scope, member, unit, as_of, utc_hour without a hole,
    actual_quantity, NULL where unknown, and uplift. Of an hour to come without any of the four
    weeks it is the mean hour so far.
-#}
{% macro usual_hours_select(hours) -%}
    with plain as (

        select *, cast({{ ratio("actual_quantity", "uplift") }} as decimal(28, 9)) as plain_quantity
        from {{ hours }}

    ),

    weeks as (

        select
            *,
            [
                plain_quantity
                {%- for week in [1, 2, 3] %}, lag(plain_quantity, {{ 168 * week }}) over series
                {%- endfor -%}
            ] as same_hours
        from plain
        window series as (partition by scope, member, unit order by utc_hour)

    ),

    lately as (

        select
            scope,
            member,
            unit,
            {{ usd_per("sum(plain_quantity)", "count(plain_quantity)") }} as plain_quantity
        from plain
        where utc_hour >= as_of - interval 28 day
        group by scope, member, unit

    )

    select
        plain.scope,
        plain.member,
        plain.unit,
        plain.utc_hour,
        plain.actual_quantity,
        cast(plain.uplift * coalesce(
            {{ usd_per("list_sum(weeks.same_hours)", "list_count(weeks.same_hours)") }},
            case when plain.utc_hour >= plain.as_of then lately.plain_quantity end
        ) as decimal(28, 9)) as usual_quantity
    from plain
    inner join lately {{ same_series("plain", "lately") }}
    left join weeks {{ same_series("plain", "weeks") }}
        -- so many whole weeks before it that the hour is known
        and weeks.utc_hour = plain.utc_hour - to_hours(168 * greatest(
            1, datediff('hour', plain.as_of, plain.utc_hour) // 168 + 1
        ))
{%- endmacro %}
