{#-
    What every member that a limit or budget names used by the hour, in the limit's unit, of the
    half year up to the newest hour; hours without a call are left out. Of `*` it is the dearest
    members of the scope.
-#}
{{ config(materialized="table") }}

{%- set amounts = [
    "calls", "unpriced_calls", "unmetered_calls", "requests", "input_tokens", "cache_read_tokens",
    "output_tokens", "estimate_usd",
] %}

with newest as (

    select max(utc_hour) as utc_hour from {{ ref("fct_usage_hourly") }}

),

named as (

    select scope, unnest(names) as member, unit
    from {{ ref("stg_workspace__limits") }}
    where period <> 'minute'
    union
    select kind as scope, name as member, 'usd' as unit from {{ ref("stg_workspace__budgets") }}

),

{{ limited_usage_steps() }}

scoped as (

    {% for scope, column in limit_scopes().items() -%}
    select
        '{{ scope }}' as scope,
        {{ column or "'all'" }} as member,
        utc_hour,
        {% for name in amounts -%}
        sum({{ name }}) as {{ name }}{{ "," if not loop.last }}
        {% endfor -%}
    from {{ "user_calls" if scope == "user" else "usage" }}
    where exists (select 1 from named where scope = '{{ scope }}')
        {%- if column %} and {{ column }} is not null{% endif %}
    group by {{ column ~ ", " if column }}utc_hour
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}

),

-- tags can differ in every call
dearest as (

    select scoped.scope, scoped.member
    from scoped
    cross join newest
    where scoped.utc_hour > newest.utc_hour - interval 31 day
        and scoped.scope in (select scope from named where member = '*')
    group by scoped.scope, scoped.member
    qualify row_number() over (
        partition by scoped.scope
        order by sum(scoped.estimate_usd) desc nulls last, scoped.member
    ) <= {{ var("guarded_members") }}

),

wanted as (

    select scope, member, unit from named
    union
    select dearest.scope, dearest.member, named.unit
    from dearest
    inner join named on dearest.scope = named.scope and named.member = '*'

),

final as (

    select
        scoped.scope,
        scoped.member,
        wanted.unit,
        scoped.utc_hour,
        {{ as_count("scoped.calls") }} as calls,
        {{ as_count("scoped.unpriced_calls") }} as unpriced_calls,
        {{ as_count(uncounted_of_unit("wanted.unit", "scoped")) }} as uncounted_calls,
        cast({{ quantity_of_unit("wanted.unit", "scoped") }} as decimal(28, 9)) as quantity
    from scoped
    inner join wanted on scoped.scope = wanted.scope and scoped.member = wanted.member

)

select * from final
