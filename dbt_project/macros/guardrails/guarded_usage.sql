{#-
    Rows of `fct_usage_hourly` summed by hour and member of each watched scope.

    A member with several features is compared with what such tasks usually cost: `usual_tasks_usd`
    values each task at its feature's mean of the four weeks before, and `live_usd` is the product
    cost of those features alone whose mean is known.
-#}
{% macro guarded_usage(usage, columns) -%}
    with feature_days as (

        select
            coalesce(feature, 'unattributed') as feature,
            utc_day,
            sum(estimate_usd) filter (where cost_scope = 'product') as live_usd,
            sum(tasks) as tasks
        from {{ usage }}
        group by coalesce(feature, 'unattributed'), utc_day

    ),

    usual_tasks as (

        select
            feature,
            utc_day,
            {{ ratio("sum(live_usd) over before", "sum(tasks) over before") }} as task_usd
        from feature_days
        window before as (
            partition by feature order by utc_day
            range between interval 28 days preceding and interval 1 day preceding
        )

    ),

    valued as (

        select
            usage.*,
            case when cost_scope = 'product' and usual_tasks.task_usd is not null
                then usage.estimate_usd end as live_usd,
            cast(usage.tasks * usual_tasks.task_usd as decimal(28, 9)) as usual_tasks_usd
        from {{ usage }}
        inner join usual_tasks
            on coalesce(usage.feature, 'unattributed') = usual_tasks.feature
            and usage.utc_day = usual_tasks.utc_day

    )

    {% for scope, column in guarded_scopes().items() -%}
    select
        '{{ scope }}' as scope,
        {{ guarded_member(column) }} as member,
        utc_day,
        utc_hour,
        {% for name in columns -%}
        sum({{ name }}) as {{ name }}{{ "," if not loop.last }}
        {% endfor -%}
    from valued
    {% if scope == "region" %}where region is not null{% endif %}
    group by {{ guarded_member(column) ~ ", " if column }}utc_day, utc_hour
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}
{%- endmacro %}
