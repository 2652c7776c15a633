{#- A model by schema and name only: a view must still work in the published file, a copy of the
    warehouse under another name. -#}
{% macro ref() %}
    {%- do return(builtins.ref(*varargs, **kwargs).include(database=false)) -%}
{% endmacro %}
