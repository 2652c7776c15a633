{#- A file's name in the order people number files: `part-10` after `part-9`. -#}
{% macro numbers_in_order(name) -%}
    array_to_string(list_transform(
        regexp_extract_all({{ name }}, '[0-9]+|[^0-9]+'),
        lambda part: case when part between '0' and ':'
            then lpad(ltrim(part, '0'), greatest(20, cast(length(part) as integer)), '0')
            else part end
    ), '')
{%- endmacro %}

{#-
    Rank of a row's delivery among those of its bucket: 1 is what counts. A newer answer replaces a
    whole bucket; without its time, the later file name does. `within` cuts buckets further.
-#}
{% macro version_rank(as_of="x_as_of", within=none) -%}
    dense_rank() over (
        partition by utc_day, source_name, x_restatement_key{{ ", " ~ within if within }}
        order by {{ as_of }} desc nulls last,
            {{ numbers_in_order("coalesce(x_delivery, source_file)") }} desc,
            coalesce(x_delivery, source_file) desc
    )
{%- endmacro %}

{#- Whether some report states the whole of which a row's may be a part: then the part is in it. -#}
{% macro has_whole() -%}
    bool_or(x_whole_key is null) over (
        partition by utc_day, source_name, coalesce(x_whole_key, x_restatement_key)
    )
{%- endmacro %}
