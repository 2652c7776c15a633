-- What became known of closed months after their close, and in which month is it booked?
-- Closed figures never change; these adjustments stand on the statements of the month booked.
select
    original_month,
    booked_month,
    cause,
    sum(charge_usd) as charge_usd
from reports.rpt_adjustments
group by all
order by original_month, booked_month, cause;
