{#-
    A unit as FOCUS writes it: `1K` of a token meter is `1000 Tokens`, `1/Hour` is `Hour`.
-#}
{% macro focus_unit(unit) -%}
    case
        when regexp_full_match({{ unit }}, '[0-9,]+ ?[KM]?( tokens?)?', 'i') then
            trim(
                regexp_replace(
                    replace(replace(regexp_replace(upper(regexp_extract(
                        {{ unit }}, '^[0-9,]+ ?[KM]?', 0, 'i'
                    )), '[, ]', '', 'g'), 'K', '000'), 'M', '000000'), '^1$', ''
                ) || case
                    when contains(lower({{ unit }}), 'token') or consumed_unit = 'Tokens'
                        then ' Tokens'
                    else ' Count' end
            )
        else regexp_replace({{ unit }}, '^1[ /]', '')
    end
{%- endmacro %}

{#- Whose charge it is: with an own key, OpenRouter states what the upstream provider bills. -#}
{% macro focus_provider() -%}
    case when x_cost_type = 'byok_inference' then coalesce(publisher_name, provider_name)
        else provider_name end
{%- endmacro %}

{#-
    Who invoices. A cloud's legal entity is the cloud, not a third party: of those FOCUS says that
    the provider bills nothing. `x_InvoiceIssuerName` keeps the entity.
-#}
{% macro focus_invoice_issuer(provider) -%}
    case
        when invoice_issuer_name is null
            {% for names in ["amazon|aws", "microsoft|azure", "google"] -%}
            or (regexp_matches({{ provider }}, '\b({{ names }})\b', 'i')
                and regexp_matches(invoice_issuer_name, '\b({{ names }})\b', 'i'))
            {% endfor -%}
            then {{ provider }}
        else invoice_issuer_name
    end
{%- endmacro %}

{#- A purchase is never usage-based. -#}
{% macro focus_charge_frequency() -%}
    case
        when charge_category = 'Purchase' and charge_frequency = 'Usage-Based' then 'One-Time'
        else coalesce(
            charge_frequency,
            case when charge_category = 'Usage' then 'Usage-Based' else 'One-Time' end
        )
    end
{%- endmacro %}

{#- `quantity` or `unit` priced: stated or not, usage and purchases have one, taxes none. -#}
{% macro focus_priced(what) -%}
    case
        when charge_category = 'Tax' then null
        when pricing_quantity is not null or (is_priced and charge_class is null) then {{ what }}
    end
{%- endmacro %}

{#- `quantity` or `unit` that was consumed: of used usage only, and then always. -#}
{% macro focus_consumed(what) -%}
    case
        when charge_category <> 'Usage' or commitment_discount_status = 'Unused' then null
        when consumed_quantity is not null then
            {% if what == "quantity" %}consumed_quantity
            {%- else %}coalesce({{ focus_unit("consumed_unit") }}, 'Count'){% endif %}
        when charge_class is null then {{ what }}
    end
{%- endmacro %}

{#- Prices are in the billing currency unless the bill states another one and the cost in it. -#}
{% macro focus_pricing(stated, otherwise) -%}
    case
        when pricing_currency is not null and pricing_currency_effective_cost is not null
            then {{ stated }}
        else {{ otherwise }}
    end
{%- endmacro %}
