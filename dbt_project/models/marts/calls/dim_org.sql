{#-
    Who belongs to whom and who answers, on every day: each row of the tree walked up to its root. A
    row is cut wherever a unit above it changes.
-#}
{{ config(materialized="table") }}

with recursive units as (

    select
        kind,
        name,
        parent,
        case kind when 'feature' then 'team' else 'cost_centre' end as parent_kind,
        owner,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to
    from {{ ref("stg_workspace__org_units") }}

),

walked as (

    select
        kind,
        name,
        parent as next_name,
        parent_kind as next_kind,
        valid_from,
        valid_to,
        parent,
        case when kind = 'team' then name end as team,
        case when kind = 'cost_centre' then name end as cost_centre,
        case when kind = 'cost_centre' then name end as cost_centre_path,
        owner,
        owner is null as is_owner_inherited
    from units

    union all

    select
        walked.kind,
        walked.name,
        units.parent as next_name,
        units.parent_kind as next_kind,
        greatest(walked.valid_from, units.valid_from) as valid_from,
        least(walked.valid_to, units.valid_to) as valid_to,
        walked.parent,
        coalesce(walked.team, case when units.kind = 'team' then units.name end) as team,
        coalesce(walked.cost_centre, case when units.kind = 'cost_centre' then units.name end)
            as cost_centre,
        case when units.kind = 'cost_centre'
            then units.name || coalesce(' > ' || walked.cost_centre_path, '') end
            as cost_centre_path,
        coalesce(walked.owner, units.owner) as owner,
        walked.is_owner_inherited
    from walked
    inner join units
        on walked.next_name = units.name
        and walked.next_kind = units.kind
        and walked.valid_from < units.valid_to
        and walked.valid_to > units.valid_from

),

final as (

    select
        kind,
        name,
        valid_from,
        valid_to,
        parent,
        case when kind = 'feature' then team end as team,
        cost_centre,
        cost_centre_path,
        owner,
        is_owner_inherited and owner is not null as is_owner_inherited
    from walked
    where next_name is null

)

select * from final
