{#-
    The grain that a description promises: no two rows share these columns, NULLs compared too.
    A mart kept by day is tested on the days that this run computed: the rest was tested before. A
    full refresh computes every day.
-#}
{% test unique_grain(model, columns, kept_by_day=false, day="utc_day") %}

select {{ columns | join(", ") }}, count(*) as row_count
from {{ model }}
{% if kept_by_day -%}
where {{ on_days_of_run(column="cast(" ~ day ~ " as date)") }}
{% endif -%}
group by {{ columns | join(", ") }}
having count(*) > 1

{% endtest %}
