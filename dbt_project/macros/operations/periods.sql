{#- Columns that name a row of operations; and a join of two relations that have them. -#}
{% macro operation_keys() -%}
    {{ return(["period_grain", "period_start", "dimension", "member"]) }}
{%- endmacro %}

{% macro same_operations(one, other, keys=operation_keys()) -%}
    on {% for key in keys -%}
    {{ one }}.{{ key }} is not distinct from {{ other }}.{{ key }}{{ " and " if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- Days and hours that pages show of operations, counted back from the newest day of calls. -#}
{% macro operation_days() -%}{{ return({"day": 35, "hour": 14}) }}{%- endmacro %}

{#-
    Steps before a report: `members`, hops of the product by day and hour, of all and of each
    feature; ends in a comma.
-#}
{% macro operation_member_steps() -%}
newest as (

    -- the newest day of calls; of queues alone, where nobody calls
    select coalesce(max(utc_day) filter (where hop_kind <> 'queue'), max(utc_day)) as utc_day
    from {{ ref("fct_operations_hourly") }}

),

-- older days are not read
hops as (

    select * from {{ ref("fct_operations_hourly") }}
    where cost_scope = 'product'
        and utc_day > (select utc_day - {{ operation_days()["day"] }} from newest)

),

periods as (

    {% for grain, days in operation_days().items() -%}
    select
        '{{ grain }}' as period_grain,
        date_trunc('{{ grain }}', hops.utc_hour) as period_start,
        hops.*
    from hops
    cross join newest
    where hops.utc_day > newest.utc_day - {{ days }}
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}

),

members as (

    select 'all' as dimension, 'all' as member, * from periods
    union all
    select 'feature' as dimension, coalesce(feature, 'unattributed') as member, * from periods

),
{%- endmacro %}

{#-
    Steps that give `{{ name }}_quantiles` of one column of counts by bucket: a row for each of the
    keys, with p50 and p95; ends in a comma.
-#}
{% macro latency_quantile_steps(name, relation, keys, counts) -%}
{{ name }}_buckets as (

    select {{ keys | join(", ") }}, unnest(map_entries({{ counts }})) as entry
    from {{ relation }}

),

{{ name }}_merged as (

    select {{ keys | join(", ") }}, entry.key as bucket, sum(entry.value) as calls
    from {{ name }}_buckets
    group by all

),

{{ name }}_ranked as (

    select
        *,
        sum(calls) over (partition by {{ keys | join(", ") }} order by bucket) as calls_until,
        sum(calls) over (partition by {{ keys | join(", ") }}) as calls_in_all
    from {{ name }}_merged

),

{{ name }}_quantiles as (

    select
        {{ keys | join(", ") }},
        {% for percent in [50, 95] -%}
        {{ latency_quantile(percent, "bucket", "calls_until", "calls_in_all") }}
            as p{{ percent }}_seconds{{ "," if not loop.last }}
        {% endfor %}
    from {{ name }}_ranked
    group by all

),
{%- endmacro %}
