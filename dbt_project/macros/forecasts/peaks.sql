{#-
    Rows of usage of members with a quota, each with what counts of its unit. `quotas`: scope,
    member, unit; `rows`: a relation with the columns of `metered_hour` or `metered_call`, those of
    `columns`, and the ones that name members.
-#}
{% macro quota_usage_select(quotas, rows, columns) -%}
    {% for scope, column in limit_scopes().items() if scope != "user" -%}
    select
        quotas.scope,
        quotas.member,
        quotas.unit,
        {% for name in columns -%}
        used.{{ name }},
        {% endfor -%}
        {{ quantity_of_unit("quotas.unit", "used") }} as quantity
    from {{ quotas }} as quotas
    inner join {{ rows }} as used
        on quotas.scope = '{{ scope }}'
        {%- if column %}
        and quotas.member = used.{{ column }}
        {%- endif %}
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}
{%- endmacro %}

{#-
    Share of what would reach the provider that the gateway's cache answered, over all days and on
    its best one: `hit_ratio`, `best_ratio`. A day needs twenty lookups to count.
-#}
{% macro cache_use_select(used) -%}
    with days as (

        select scope, member, unit, cast(utc_hour as date) as utc_day,
            sum(cached_hits) as hits, sum(requests + cached_hits) as lookups
        from {{ used }}
        group by scope, member, unit, cast(utc_hour as date)

    )

    select
        scope,
        member,
        unit,
        coalesce({{ ratio("sum(hits)", "sum(lookups)") }}, 0) as hit_ratio,
        coalesce(max({{ ratio("hits", "lookups") }}) filter (where lookups >= 20), 0) as best_ratio
    from days
    group by scope, member, unit
{%- endmacro %}

{#-
    Steps of `fct_peak_plan`, from its step `expected`: `worst`, the day on which each quota is used
    most, of every planned event that touches it and of the days without one, with what other models
    have left of theirs on that day.
-#}
{% macro peak_plan_steps() -%}
event_days as (

    {{ planned_event_days(ref("stg_workspace__planned_events")) }}

),

spare as (

    select
        scope,
        unit,
        utc_day,
        sum(greatest(limit_quantity - per_minute, 0)) as per_minute
    from expected
    where scope = 'model'
    group by scope, unit, utc_day

),

dated as (

    select
        expected.* exclude (features),
        event_days.event,
        event_days.starts_on,
        event_days.ends_on,
        -- what a quota has left itself is no room to route to
        spare.per_minute - greatest(expected.limit_quantity - expected.per_minute, 0)
            as spare_per_minute
    from expected
    left join event_days
        on expected.utc_day = event_days.utc_day
        and (event_days.feature is null or list_contains(expected.features, event_days.feature))
    left join spare
        on expected.scope = spare.scope
        and expected.unit = spare.unit
        and expected.utc_day = spare.utc_day

),

worst as (

    select * from dated
    qualify row_number() over (
        partition by scope, member, unit, event, starts_on
        order by per_minute desc, utc_day asc
    ) = 1

),
{%- endmacro %}
