{#- Days before the newest in which periods of caps are audited: this month and the one before. -#}
{% macro audited_days() -%}{{ return(62) }}{%- endmacro %}

{#- Predicate: the gateway refused the call for a budget (LiteLLM: BudgetExceededError). -#}
{% macro is_budget_refusal(calls) -%}
    coalesce({{ calls }}.status = 'error' and {{ calls }}.error_type ilike '%budget%', false)
{%- endmacro %}

{#- Columns that name one period of a cap; and a join of two relations that have them. -#}
{% macro cap_keys() -%}
    {{ return(["scope", "member", "period", "period_start"]) }}
{%- endmacro %}

{% macro same_cap(one, other) -%}
    on {% for key in cap_keys() -%}
    {{ one }}.{{ key }} = {{ other }}.{{ key }}{{ " and " if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#-
    Why a call passed after its cap was reached at `reached_at`: it ran already; the gateway had not
    noticed yet, which shows in its first refusal, or where there is none in `cap_lag_minutes`; it
    had, and forgot again; or it never did.
-#}
{% macro cause_of_passing() -%}
    case
        when started_at < reached_at then 'race'
        when first_refusal_at is not null and started_at >= first_refusal_at then 'reset'
        when first_refusal_at is not null
            or started_at < reached_at + interval {{ var("cap_lag_minutes") }} minute then 'lag'
        else 'not_enforced'
    end
{%- endmacro %}
