{#-
    Ridge regression of what the season before missed on how other lags differ from it, by series,
    origin and block: the normal equations, summed over what the origin knew, solved by elimination.
    Its penalty shrinks to the season before. Nothing that an origin did not know is in its fit.

-#}
{% macro ridge_select(rows, keys, shape) -%}
    {%- set keyed = keys | join(", ") -%}
    {%- set count = shape.lags | length + 2 -%}
    with moments as (

        select
            {{ keyed }},
            block,
            -- from this step on the whole block is known
            origin + block * {{ shape.season }} as origin,
            count(*) as steps
            {%- for i in range(1, count + 1) %},
            sum(x{{ i }} * (known - naive)) as b{{ i }}
            {%- for j in range(i, count + 1) %},
            sum(x{{ i }} * x{{ j }}) as a{{ i }}{{ j }}
            {%- endfor %}
            {%- endfor %}
        from {{ rows }}
        where known is not null and naive is not null
        group by {{ keyed }}, block, origin

    ),

    -- a penalty in units of each lag's own variance
    penalized as (

        select
            {{ keyed }},
            block,
            origin,
            sum(steps) over known_then >= {{ 3 * shape.season }} as is_fit
            {%- for i in range(1, count + 1) %},
            sum(b{{ i }}) over known_then as b{{ i }}
            {%- for j in range(i, count + 1) %},
            sum(a{{ i }}{{ j }}) over known_then
                {{- " * " ~ (1 + shape.penalty) if i == j }} as a{{ i }}{{ j }}
            {%- endfor %}
            {%- endfor %}
        from moments
        window known_then as (
            partition by {{ keyed }}, block order by origin
            range between {{ shape.fit * shape.season }} preceding and current row
        )

    ),
    {%- for k in range(1, count) %}

    without_{{ k }} as (

        select
            * replace (
                {%- for i in range(k + 1, count + 1) %}
                b{{ i }} - b{{ k }} * coalesce({{ ratio("a" ~ k ~ i, "a" ~ k ~ k) }}, 0) as b{{ i }}
                {%- for j in range(i, count + 1) %},
                a{{ i }}{{ j }} - a{{ k }}{{ j }}
                    * coalesce({{ ratio("a" ~ k ~ i, "a" ~ k ~ k) }}, 0) as a{{ i }}{{ j }}
                {%- endfor %}
                {{- "," if not loop.last }}
                {%- endfor %}
            )
        from {{ "without_" ~ (k - 1) if k > 1 else "penalized" }}

    ),
    {%- endfor %}

    solved as (

        select
            *
            {%- for i in range(count, 0, -1) %},
            {%- set left -%}
                b{{ i }}
                {%- for j in range(i + 1, count + 1) %} - a{{ i }}{{ j }} * c{{ j }}{% endfor %}
            {%- endset %}
            coalesce({{ ratio("(" ~ left ~ ")", "a" ~ i ~ i) }}, 0) as c{{ i }}
            {%- endfor %}
        from without_{{ count - 1 }}
        where is_fit

    )

    select {{ keyed }}, block, origin
        {%- for i in range(1, count + 1) %}, c{{ i }}{% endfor %}
    from solved
{%- endmacro %}

{#- The three forecasts beside what happened; without a fit the ridge says what naive does. -#}
{% macro forecast_methods_select(rows, ridge, keys, shape) -%}
    select
        rows.* exclude (
            {%- for i in range(1, shape.lags | length + 3) %}x{{ i }}{{ ", " if not loop.last }}
            {%- endfor -%}
        ),
        greatest(rows.naive
            {%- for i in range(1, shape.lags | length + 3) %}
            + rows.x{{ i }} * coalesce(ridge.c{{ i }}, 0)
            {%- endfor %}, 0) as ridge
    from {{ rows }} as rows
    left join {{ ridge }} as ridge using ({{ keys | join(", ") }}, block, origin)
    where rows.naive is not null
{%- endmacro %}
