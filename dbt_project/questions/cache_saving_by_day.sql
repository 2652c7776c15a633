-- What did each cache save, day by day?
-- A gateway's cache avoids calls; a provider's prefix cache is cheap to read and dear to write, so
-- that its saving may be negative.
select
    day,
    layer,
    hit_ratio,
    saved_usd
from reports.rpt_cache_daily
order by day, layer;
