"""The words that the pages use, each defined once, in plain English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """One defined word; `key` is the anchor that tiles and headings link to."""

    key: str
    name: str
    meaning: str


GLOSSARY: tuple[Term, ...] = (
    Term(
        "cost-per-success",
        "Cost per successful task",
        "Everything spent on tasks that are closed, divided by the number of them that succeeded."
        " Failed, retried and abandoned work stays in the cost, so failing more often makes a"
        " success dearer. Tasks still waiting for a verdict are left out of both sides.",
    ),
    Term(
        "charge",
        "Charge (billed)",
        "What a provider's bill says. Only charges can be passed on to a team or a customer.",
    ),
    Term(
        "on-the-bill",
        "Cost per success on the bill",
        "What bills charge the tasks that closed, shared cost, tax and credits included, over the"
        " number that succeeded. Together with what no closed task bears it is the bill.",
    ),
    Term(
        "estimate",
        "Estimate",
        "Tokens used, multiplied by the price list in force at the time of the call. Known the"
        " next day, long before the bill. Calls whose price is not known have no estimate.",
    ),
    Term(
        "reported",
        "Reported",
        "The cost that the gateway itself wrote into its log. Shown for comparison only.",
    ),
    Term(
        "success-rate",
        "Success rate",
        "Successful tasks as a share of closed tasks. A task succeeds when the business says so:"
        " a ticket resolved, an invoice processed, a patch merged.",
    ),
    Term(
        "waste",
        "Waste",
        "Estimated spend that bought no success: tasks that failed, were abandoned or judged"
        " neutral; and inside tasks that went on to succeed, attempts that failed or were broken"
        " off, answers given twice, and answers before the work was taken back and done again.",
    ),
    Term(
        "first-pass",
        "First-pass rate",
        "Tasks that succeeded without having been failed or taken back before, as a share of the"
        " closed tasks that count. The distance to the success rate is work that was done again.",
    ),
    Term(
        "neutral",
        "Neutral and reversed tasks",
        "Neutral: closed, and neither success nor failure (withdrawn, a duplicate); the cost stays,"
        " the success rate leaves it out. Reversed: a success that had held long enough, and was"
        " reopened later; it stays a success of its day and is counted on the day of reopening.",
    ),
    Term(
        "margin",
        "Value, margin, saved",
        "Value: what the successes are worth, as stated for their type of task. Margin: that less"
        " models and people's work, failed tasks included. Saved: what the same successes cost"
        " before, less the same.",
    ),
    Term(
        "gateway-hit-rate",
        "Gateway cache hit rate",
        "Share of the calls looked up in our own answer cache that were answered from it, without"
        " paying a provider at all.",
    ),
    Term(
        "provider-hit-rate",
        "Provider prefix-cache hit rate",
        "Share of input tokens that the provider had kept from an earlier call and billed at its"
        " reduced rate. Keeping them costs a premium, so the net saving can be negative.",
    ),
    Term(
        "loop-depth",
        "Loop depth",
        "How many rounds of model calls one task took. p95 is the depth that 95% of tasks do not"
        " exceed: when it grows, a few runaway tasks are getting expensive.",
    ),
    Term(
        "tie-out",
        "Tie-out gap",
        "Billed charge minus estimate, over days that are billed in full. Positive: the bill is"
        " higher than what our own records explain. The overview compares usage alone, month by"
        " month; the Tie-out page goes on to the whole bill, with what no call caused.",
    ),
    Term(
        "tie-out-status",
        "Tie-out status",
        "Tied: bill and estimate agree within the agreed tolerance. Over billed: the bill is"
        " higher, because of calls the gateway did not see or of a price difference. Under"
        " billed: the bill is lower. Not billed yet: the bill has not arrived. Sends no bill:"
        " none is to come, as for own GPUs. Bill only: billed, but our gateway saw no calls."
        " Unmapped: billed under a name of a model that nobody knows,"
        " so no call can be compared with it. Calls only: calls seen, but nothing billed. Unpriced:"
        " calls whose price is not known, so there is no estimate to compare with.",
    ),
    Term(
        "gap-causes",
        "Causes of the gap",
        "Why the bill differs from what we compute, in parts that add up to the difference. Where"
        " bill and gateway both count tokens, a difference in tokens is traffic the gateway never"
        " saw, usage that is not billed, or tokens counted in another class; the rest is price."
        " Taxes, fees and services that no call uses stand apart.",
    ),
    Term(
        "unallocated",
        "Unallocated",
        "Billed spend that no call explains. On the Showback page it stands on one line with what"
        " calls cost that name no feature (or tenant, team, cost centre), so that the lines always"
        " add up to the bill; the lines below say which is which. It is never spread silently.",
    ),
    Term(
        "unpriced",
        "Unpriced",
        "Calls whose model or token kind is not in the price list. Their cost is not known; it is"
        " counted here and never treated as zero.",
    ),
    Term(
        "model-tier",
        "Model tier",
        "Share of calls that went to small, mid-size and large models. Larger models cost more"
        " per token.",
    ),
    Term(
        "incident",
        "Incident",
        "Hours that cost far more than is usual for that hour of the week, or than the tasks done"
        " in them usually cost, beyond anything of the four weeks before. A planned event raises"
        " what is usual and hides nothing.",
    ),
)
