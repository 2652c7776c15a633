{#-
    What every member that a limit or budget names used by the hour, in the limit's unit, of the half
    year up to the newest hour; hours without a call are left out. Of `*` it is the dearest members of the scope.
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

    select scope, unnest(names) as member, unit from {{ ref("stg_workspace__limits") }}
    union
    select kind as scope, name as member, 'usd' as unit from {{ ref("stg_workspace__budgets") }}

),

usage as (

    select
        usage.* exclude (billable_input_tokens, billable_output_tokens),
        -- what no gateway cache answered has reached the provider
        usage.calls - usage.tool_calls - usage.cached_hits as requests,
        usage.billable_input_tokens as input_tokens,
        usage.billable_cache_read_tokens as cache_read_tokens,
        usage.billable_output_tokens as output_tokens
    from {{ ref("fct_usage_hourly") }} as usage
    inner join newest on usage.utc_day >= newest.utc_hour - interval {{ limit_history_days() }} day

),

-- a user is in no roll-up: the calls of two months, where a limit is of users
user_calls as (

    select
        date_trunc('hour', calls.started_at) as utc_hour,
        calls.user_id,
        1 as calls,
        cast(calls.is_unpriced as integer) as unpriced_calls,
        cast({{ is_unmetered("calls") }} as integer) as unmetered_calls,
        cast(calls.is_model_turn and not calls.cached_hit as integer) as requests,
        calls.billable_input_tokens as input_tokens,
        calls.billable_cache_read_tokens as cache_read_tokens,
        case when not calls.cached_hit then calls.output_tokens end as output_tokens,
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
