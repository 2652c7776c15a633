{#- What a sample states of a moment, and what it counts. -#}
{% macro queue_levels() -%}
    {{ return(["queue_depth", "in_flight", "concurrency_limit", "oldest_wait_seconds"]) }}
{%- endmacro %}

{% macro queue_counts() -%}{{ return(["shed", "rejected", "timed_out"]) }}{%- endmacro %}

{#- Columns that tell series of samples apart: one instance of one queue, as one source tags it. -#}
{% macro queue_series() -%}
    {{ return([
        "queue_name", "instance_id", "feature", "tenant_id", "region", "environment",
        "cost_scope", "is_running_total",
    ]) }}
{%- endmacro %}

{#-
    What a running total grew by since the sample before: after a restart all that it has. The
    first of a UTC day has none before it. A count that is none stays as it is.
-#}
{% macro since_sample_before(count) -%}
    {%- set before -%}
        lag({{ count }} ignore nulls) over (
            partition by utc_day, {{ queue_series() | join(", ") }} order by sampled_at
        )
    {%- endset -%}
    case
        when not is_running_total then {{ count }}
        when {{ count }} < {{ before }} then {{ count }}
        else {{ count }} - {{ before }}
    end
{%- endmacro %}
