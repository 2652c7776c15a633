{#- Scopes that a limit may have, with the column of calls that names a member; none: all. -#}
{% macro limit_scopes() -%}
    {{ return({
        "company": none,
        "feature": "feature",
        "tenant": "tenant_id",
        "team": "team_tag",
        "api_key": "api_key_id",
        "provider": "provider",
        "model": "model_id",
        "user": "user_id",
    }) }}
{%- endmacro %}

{#- Days before the newest of which a limit reads hours: its interval rests on them. -#}
{% macro limit_history_days() -%}{{ return(183) }}{%- endmacro %}

{#- First moment, and the one after the last, of the period of a limit that holds an hour, UTC. -#}
{% macro period_start(period, utc_hour) -%}
    case {{ period }}
        when '5h' then {{ utc_hour }} - interval 4 hour
        {%- for unit in ["month", "week", "day"] %}
        when '{{ unit }}' then
            {{ first_moment_of("date_trunc('" ~ unit ~ "', " ~ reporting_date(utc_hour) ~ ")") }}
        {%- endfor %}
    end
{%- endmacro %}

{% macro period_end(period, utc_hour) -%}
    case {{ period }}
        when '5h' then {{ utc_hour }} + interval 1 hour
        {%- for unit in ["month", "week", "day"] %}
        when '{{ unit }}' then {{ first_moment_of(
            "date_trunc('" ~ unit ~ "', " ~ reporting_date(utc_hour) ~ ") + interval 1 " ~ unit
        ) }}
        {%- endfor %}
    end
{%- endmacro %}

{#- Columns that name a limit; and a join of two relations that have them. -#}
{% macro limit_keys() -%}
    {{ return(["scope", "member", "unit", "period", "kind"]) }}
{%- endmacro %}

{% macro same_limit(one, other) -%}
    on {% for key in limit_keys() -%}
    {{ one }}.{{ key }} = {{ other }}.{{ key }}{{ " and " if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- A join of two relations of members, each in a unit. -#}
{% macro same_series(one, other) -%}
    on {{ one }}.scope = {{ other }}.scope
        and {{ one }}.member = {{ other }}.member
        and {{ one }}.unit = {{ other }}.unit
{%- endmacro %}

{#- Days until a period ends, the last one begun; at least one. -#}
{% macro days_to_come(as_of, period_end) -%}
    {{ as_count("greatest(1, (datediff('hour', " ~ as_of ~ ", " ~ period_end ~ ") + 23) // 24)") }}
{%- endmacro %}
