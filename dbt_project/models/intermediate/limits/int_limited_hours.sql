{#-
    Spend by hour of every member that a limit or budget names, of the half year up to the newest
    hour; hours without a call are left out. Of `*` it is the dearest members of the scope.
-#}
{{ config(materialized="table") }}

{%- set amounts = ["calls", "unpriced_calls", "estimate_usd"] %}

with newest as (

    select max(utc_hour) as utc_hour from {{ ref("fct_usage_hourly") }}

),

named as (

    select scope, unnest(names) as member from {{ ref("stg_workspace__limits") }}
    union
    select kind as scope, name as member from {{ ref("stg_workspace__budgets") }}

),

usage as (

    select usage.*
    from {{ ref("fct_usage_hourly") }} as usage
    inner join newest on usage.utc_day >= newest.utc_hour - interval {{ limit_history_days() }} day

),

-- a user is in no roll-up: the calls of two months, where a limit is of users
user_calls as (

    select
        date_trunc('hour', calls.started_at) as utc_hour,
        calls.user_id,
        1 as calls,
        case when calls.is_unpriced then 1 else 0 end as unpriced_calls,
        calls.estimate_usd
    from {{ ref("fct_calls") }} as calls
    inner join newest on calls.utc_day >= newest.utc_hour - interval 62 day
    where calls.user_id is not null and exists (select 1 from named where scope = 'user')

),

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

    select scope, member from named
    union
    select scope, member from dearest

),

final as (

    select
        scoped.scope,
        scoped.member,
        scoped.utc_hour,
        {{ as_count("scoped.calls") }} as calls,
        {{ as_count("scoped.unpriced_calls") }} as unpriced_calls,
        cast(scoped.estimate_usd as decimal(28, 9)) as estimate_usd
    from scoped
    inner join wanted on scoped.scope = wanted.scope and scoped.member = wanted.member

)

select * from final
