{#- Predicate: the row's day must be looked at for commitments in this run. -#}
{% macro in_commitment_days() -%}
    {{ in_changed_days(["billing_charges", "gateway_calls", "commitments"],
        "fct_commitment_usage") }}
{%- endmacro %}

{#- The workspace's commitments, a term each; conditions are JSON. -#}
{% macro commitment_terms() -%}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- set query -%}
        select commitment, conditions, cast(cast(valid_from as date) as varchar),
            cast(cast(valid_to as date) as varchar), reads
        from {{ source("raw", "commitments") }}
        order by commitment, valid_from
    {%- endset -%}
    {%- set terms = [] -%}
    {%- for row in ask(query) -%}
        {%- do terms.append({
            "name": text_literal(row[0]), "conditions": fromjson(row[1]),
            "valid_from": "date '" ~ row[2] ~ "'", "valid_to": "date '" ~ row[3] ~ "'",
            "reads": row[4],
        }) -%}
    {%- endfor -%}
    {{ return(terms) }}
{%- endmacro %}

{#- Predicate: a line's day lies in a term. -#}
{% macro in_term(term, day="utc_day") -%}
    {{ day }} >= {{ term.valid_from }} and {{ day }} < {{ term.valid_to }}
{%- endmacro %}

{#- Predicate: a bill line is of a commitment: it states it, or the workspace's match covers it. -#}
{% macro is_line_of(term) -%}
    (
        commitment_discount_id = {{ term.name }}
        {%- if term.reads == "bills" and term.conditions %}
        or ({{ meets(term.conditions) }})
        {%- endif %}
    )
{%- endmacro %}

{#- Whole units of 10^-12 dollars. -#}
{% macro usd_units(usd) -%}
    cast({{ usd }} * 1000000000000 as hugeint)
{%- endmacro %}

{#-
    The part of an amount that falls on the `i`-th (from 0) of `n` equal days: what is due after the
    day minus what was due before it, so that the days sum to the amount to the last digit.
-#}
{% macro even_share(usd, i, n) -%}
    {{ proportion(usd, i ~ " + 1", n) }} - {{ proportion(usd, i, n) }}
{%- endmacro %}

{#- A sum that is unknown as soon as one of its parts is; of no parts it is 0. -#}
{% macro sum_if_all_known(amount, where="true") -%}
    cast(case when count(*) filter ({{ where }} and {{ amount }} is null) = 0
        then coalesce(sum({{ amount }}) filter ({{ where }}), 0) end as decimal(28, 12))
{%- endmacro %}

{#- What a bill line is of: other lines of the same account could have been covered, too. -#}
{% macro eligible_as() -%}
    provider || ' ' || coalesce(billing_account_id, '') || ' '
    || coalesce(sku_id, model_id, service_name)
{%- endmacro %}

{#- What use would have cost on demand, minus what it and the idle rest cost; a gift saves none. -#}
{% macro commitment_saving() -%}
    cast(case when kind <> 'credit' then on_demand_usd - used_usd - idle_usd end
        as decimal(28, 12))
{%- endmacro %}
