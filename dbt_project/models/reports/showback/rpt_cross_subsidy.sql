with borne as (

    select * from {{ ref("fct_cross_subsidy") }}

),

dimensions as (

    select month, 'feature' as dimension, feature as member, direct_usd, shared_usd, cache_usd,
        cross_subsidy_usd
    from borne
    union all
    select month, 'tenant' as dimension, tenant_id as member, direct_usd, shared_usd, cache_usd,
        cross_subsidy_usd
    from borne

),

summed as (

    select
        month,
        dimension,
        case when member is null then 'unallocated' else 'member' end as row_kind,
        coalesce(member, 'unallocated') as member,
        {% for measure in ["direct_usd", "shared_usd", "cache_usd", "cross_subsidy_usd"] -%}
        cast(sum({{ measure }}) as decimal(28, 12)) as {{ measure }}{{ "," if not loop.last }}
        {% endfor %}
    from dimensions
    group by all

),

final as (

    select
        month,
        dimension,
        row_kind,
        member,
        direct_usd,
        shared_usd,
        cache_usd,
        cast(direct_usd + shared_usd + cache_usd as decimal(28, 12)) as borne_usd,
        cross_subsidy_usd,
        {{ ratio("cross_subsidy_usd", "direct_usd + shared_usd + cache_usd") }}
            as cross_subsidy_ratio
    from summed

)

select
    *,
    {{ former_names({"cross_subsidy_usd": "carries_usd", "cross_subsidy_ratio": "carries_ratio"}) }}
from final
