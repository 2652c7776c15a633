{#-
    Rank of a row's delivery among those of its bucket: 1 is what counts. A newer answer replaces a
    whole bucket; without its time, the later file name does. `within` cuts buckets further.
-#}
{% macro version_rank(as_of="x_as_of", within=none) -%}
    dense_rank() over (
        partition by utc_day, source_name, x_restatement_key{{ ", " ~ within if within }}
        order by {{ as_of }} desc nulls last, coalesce(x_delivery, source_file) desc
    )
{%- endmacro %}
