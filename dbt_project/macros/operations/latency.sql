{#-
    Latencies are kept as counts by log-spaced bucket of milliseconds, which add up over any hours,
    where quantiles do not. Definition: DECISIONS.md, `p50_seconds and p95_seconds`.
-#}
{% macro latency_bucket(since, until) -%}
    {{ log_bucket(
        "cast(epoch_us(" ~ until ~ ") - epoch_us(" ~ since ~ ") as decimal(18, 0)) * 0.001"
    ) }}
{%- endmacro %}

{#- Seconds that so many percent of counted buckets do not exceed, by nearest rank. -#}
{% macro latency_quantile(percent, bucket, calls_until, calls_in_all) -%}
    {%- set found = "min(" ~ bucket ~ ") filter (where 100 * " ~ calls_until ~ " >= "
        ~ percent ~ " * " ~ calls_in_all ~ ")" -%}
    cast({{ log_bucket_middle(found) }} * 0.001 as decimal(18, 3))
{%- endmacro %}
