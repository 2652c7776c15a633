{#- Scopes of which somebody new is news, with the column of calls that names a member. -#}
{% macro newly_seen_scopes() -%}
    {{ return({"api_key": "api_key_id", "region": "region"}) }}
{%- endmacro %}

{#-
    Hours of members that nobody saw in the `days_before` days before, within a day of their first
    call. A scope is watched where at least half of those days name members of it: a workspace that
    begins, or begins to name keys, knows nobody.

    usage: a relation with utc_day, utc_hour, calls, estimate_usd and a column for each of `scopes`.
    wanted: predicate of the days that are asked for.
-#}
{% macro new_member_hours_select(usage, scopes, days_before, wanted="true") -%}
    with hours as (

        {% for scope, column in scopes.items() -%}
        select
            '{{ scope }}' as scope,
            {{ column }} as member,
            utc_day,
            utc_hour,
            {{ sum_usd("estimate_usd") }} as estimate_usd
        from {{ usage }}
        where {{ column }} is not null
        group by {{ column }}, utc_day, utc_hour
        {% if not loop.last -%}
        union all
        {% endif -%}
        {% endfor %}

    ),

    followed as (

        select
            *,
            lag(utc_hour) over (partition by scope, member order by utc_hour) as seen_before
        from hours

    ),

    begun as (

        select
            *,
            max(utc_hour) filter (
                where seen_before is null
                    or seen_before < utc_hour - interval {{ days_before }} day
            ) over (partition by scope, member order by utc_hour) as first_at
        from followed

    ),

    young as (

        select * from begun
        where utc_hour < first_at + interval 24 hour and {{ wanted }}

    ),

    scope_days as (

        select scope, utc_day from hours group by scope, utc_day

    ),

    watched as (

        select young.scope, young.member, young.first_at
        from young
        inner join scope_days
            on young.scope = scope_days.scope
            and scope_days.utc_day < cast(young.first_at as date)
            and scope_days.utc_day >= cast(young.first_at as date) - {{ days_before }}
        group by young.scope, young.member, young.first_at
        having count(distinct scope_days.utc_day) >= {{ days_before // 2 }}

    )

    select
        young.scope,
        young.member,
        young.first_at,
        young.utc_day,
        young.utc_hour,
        young.estimate_usd
    from young
    inner join watched
        on young.scope = watched.scope
        and young.member = watched.member
        and young.first_at = watched.first_at
{%- endmacro %}
