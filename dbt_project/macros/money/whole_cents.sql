{#-
    A relation with `amount` added: its exact amounts in whole cents that sum, in every whole,
    to the rounded sum. Each amount is rounded down, and the cents that are left over go to the
    largest remainders; so none is off by a cent or more, and nothing that is zero gets any.

    rows: a relation with `exact`, negative ones too; `whole`: columns that name a whole;
    `ties`: columns that name a row within it, by which equal remainders are told apart.
-#}
{% macro whole_cents(rows, whole, ties, exact="exact_usd", amount="amount_usd") -%}
    {%- set keys = whole | join(", ") -%}
    (
        select
            * exclude (floor_cents, remainder, left_over, place),
            cast(
                cast(floor_cents + case when place <= left_over then 1 else 0 end
                    as decimal(26, 0)) * cast(0.01 as decimal(2, 2)) as decimal(18, 2)
            ) as {{ amount }}
        from (
            select
                *,
                cast(round(sum({{ exact }}) over (partition by {{ keys }}), 2) * 100 as hugeint)
                    - sum(floor_cents) over (partition by {{ keys }}) as left_over,
                row_number() over (
                    partition by {{ keys }}
                    order by remainder desc
                    {%- for column in ties %}, {{ column }} asc nulls last{% endfor %}
                ) as place
            from (
                select
                    *,
                    cast(floor({{ exact }} * 100) as hugeint) as floor_cents,
                    {{ exact }} * 100 - floor({{ exact }} * 100) as remainder
                from {{ rows }}
            ) as in_cents
        ) as ranked
    )
{%- endmacro %}
