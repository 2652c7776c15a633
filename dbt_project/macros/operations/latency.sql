{#-
    Latencies are kept as counts by log-spaced bucket, which add up over any hours, where quantiles
    do not (DDSketch, Masson et al. 2019). Bucket i holds (g^(i-1), g^i] milliseconds, g = 51/49: the
    middle of a bucket is within 2 % of anything in it. DECISIONS.md, `p50_seconds and p95_seconds`.
-#}
{% macro latency_growth() -%}(51.0 / 49.0){%- endmacro %}

{#- Bucket of the time between two moments; what takes no millisecond is in the first. -#}
{% macro latency_bucket(since, until) -%}
    cast(ceil(
        ln(cast(greatest(epoch_us({{ until }}) - epoch_us({{ since }}), 1000) as double) / 1000)
        / ln({{ latency_growth() }})
    ) as integer)
{%- endmacro %}

{#- Middle of a bucket, in seconds. -#}
{% macro latency_seconds(bucket) -%}
    cast(
        2 * pow({{ latency_growth() }}, {{ bucket }}) / (({{ latency_growth() }} + 1) * 1000)
        as decimal(18, 3)
    )
{%- endmacro %}

{#- Seconds that so many percent of counted buckets do not exceed, by nearest rank. -#}
{% macro latency_quantile(percent, bucket, calls_until, calls_in_all) -%}
    {{ latency_seconds("min(" ~ bucket ~ ") filter (where 100 * " ~ calls_until ~ " >= "
        ~ percent ~ " * " ~ calls_in_all ~ ")") }}
{%- endmacro %}
