"""Facts about freight that a simulated history claims to reproduce: where the figure comes from, and its band."""

from dataclasses import dataclass

from simulator.network.params import MarketKind

SOFT, TIGHT, TURNING = MarketKind.SOFT, MarketKind.TIGHT, MarketKind.TURNING
SINGLE_FIGURE = 0.15
"""Half the width of the band around a source's single figure."""


@dataclass(frozen=True)
class Claim:
    """One figure of a history.

    Attributes
    ----------
    fact
        What is measured.
    market
        The market in which it is.
    low, high
        The band: the range of the sources.
    shown
        How to print it: ``%`` a share, ``$`` money, ``x`` a ratio, else a unit.
    source
        Who found it.
    sql
        Question to the tables of :mod:`benchmarks.freight_tables`, one number.
    required
        Named among those that must be within the band.
    """

    fact: str
    market: MarketKind
    low: float
    high: float
    shown: str
    source: str
    sql: str
    required: bool = True

    def holds(self, value: float, slack: float = 0.0) -> bool:
        """Whether a figure lies in the band, widened at each end by a share of it."""
        return self.low - slack * abs(self.low) <= value <= self.high + slack * abs(self.high)


def around(figure: float) -> tuple[float, float]:
    """Band of a single figure."""
    return figure * (1 - SINGLE_FIGURE), figure * (1 + SINGLE_FIGURE)


SONAR, DAT, ATRI = "FreightWaves / SONAR", "DAT", "ATRI 2023"
REJECTED = "SELECT avg(refused::INT) FROM first"
OF_EQUIPMENT = REJECTED + " WHERE equipment = '{}'"
ACCEPTED = "SELECT avg(accepted::INT) FROM first"
AT_DEPTH = "SELECT avg(accepted::INT) FROM offers WHERE contract AND depth BETWEEN {} AND {}"
HOLIDAY = """
WITH days AS (SELECT refused, offered_at::DATE AS day, strftime(day, '%m-%d') AS date FROM first),
told AS (
    SELECT refused, date BETWEEN '12-20' AND '12-31' OR date BETWEEN '07-02' AND '07-05' OR day IN (
        SELECT unnest([d - 2, d - 1, d, d + 1]) FROM (
            SELECT max(day) AS d FROM days WHERE month(day) = 11 AND dayofweek(day) = 4 AND day(day) BETWEEN 22 AND 28
            GROUP BY year(day)
        )
    ) AS holiday
    FROM days
)
SELECT avg(refused::INT) FILTER (holiday) / avg(refused::INT) FILTER (NOT holiday) FROM told
"""
REGION = """
WITH by_region AS (SELECT avg(refused::INT) AS share FROM first GROUP BY region ORDER BY share DESC LIMIT 2)
SELECT max(share) - min(share) FROM by_region
"""
AROUND_TURN = """
SELECT avg(refused::INT) FROM first, (SELECT min(released_at)::DATE AS day FROM first) AS start
WHERE date_diff('day', start.day, offered_at::DATE) BETWEEN {} AND {}
"""
A_MILE = "(0.621371 * o.distance_km)"
SPOT_GAP = f"""
SELECT avg((o.price - r.price) / {A_MILE})
FROM offers AS o JOIN loads AS l USING (shipment_id) JOIN rates AS r
ON r.origin_id = l.origin_id AND r.destination_id = l.destination_id AND r.equipment = l.equipment
   AND r.sequence = 1 AND o.offered_at >= r.valid_from AND o.offered_at < r.valid_until
WHERE o.spot_only AND o.accepted AND o.distance_km > 160
"""
RATES = """
WITH steps AS (
    SELECT ln(price / lag(price) OVER (PARTITION BY carrier_id, origin_id, destination_id, equipment, sequence
                                       ORDER BY valid_from)) AS step FROM rates
)
SELECT exp(avg(step)) - 1 FROM steps
"""
BROKERS = """
WITH asked AS (
    SELECT avg(accepted::INT) FILTER (carrier_kind = 'broker') AS p,
           avg(accepted::INT) FILTER (carrier_kind = 'asset') AS q
    FROM offers WHERE contract AND lane_class <> 'regular'
)
SELECT p / (1 - p) / (q / (1 - q)) FROM asked
"""
GIVEN_BACK = """
SELECT avg((takers > 1 OR cancelled)::INT) FROM (
    SELECT shipment_id, count(*) FILTER (accepted) AS takers,
           bool_or(accepted) AND shipment_id IN
               (SELECT shipment_id FROM reached WHERE cancelled_at IS NOT NULL) AS cancelled
    FROM offers GROUP BY shipment_id HAVING takers > 0
)
"""
CLOCK = """
SELECT avg(date_diff('second', offered_at, next_offered_at) / 60.0) FROM offers
WHERE NOT accepted AND date_diff('minute', offered_at, next_offered_at) < 300
"""
DETAINED = "SELECT avg((dwell_h > 2)::INT) FROM stops"
OF_DETAINED = "SELECT avg((dwell_h > {} AND dwell_h <= {})::INT) FROM stops WHERE dwell_h > 2"
ON_APPOINTMENT = "SELECT avg((reached_at <= agreed_until)::INT) FROM reached WHERE delivered_at IS NOT NULL"
OTIF = "SELECT avg((NOT late AND NOT short)::INT) FROM reached WHERE delivered_at IS NOT NULL"
CONTRACT = "SELECT avg(contract::INT) FROM covered"
FINE = "SELECT avg(late_penalty / value) FROM loads WHERE late_penalty > 0"
ALL_REFUSE = """
SELECT avg(price / first_price) FROM covered WHERE NOT contract AND NOT spot_only AND first_price IS NOT NULL
"""
PER_REJECTION = """
SELECT avg((price / first_price - 1) / refusals) FROM covered WHERE first_price IS NOT NULL AND refusals > 0
"""

NOT_REPRODUCED = (
    ("ocean schedule reliability", "the network has trucks and trains, no ships"),
    (
        "primary rejection nearly doubles, soft → tight (MIT, 2015–18)",
        "it rises fivefold here, as SONAR saw 2019–22; the sources describe different cycles",
    ),
    ("holiday lift at Christmas apart from Thanksgiving", "one lift for all holidays"),
    ("spot − contract, $ a mile, in single years", "a band for soft markets, a figure for tight ones"),
    ("≈ $15 a load for lead time above 3 days", "worth more here: see lead time below"),
    (
        "memory: carriers ignore past behaviour",
        "built in, nothing to measure: no part of a carrier's choice looks back",
    ),
    ("pooled R² 0.9, within modes 0.2–0.5", "a warning about scores, not a figure of a network"),
)
"""Rows of the list of facts that the simulator does not claim, and why."""

CLAIMS = (
    Claim("tender rejection", SOFT, 0.029, 0.06, "%", SONAR, REJECTED),
    Claim("tender rejection", TIGHT, 0.17, around(0.23)[1], "%", SONAR, REJECTED),
    Claim("first-tender acceptance", SOFT, 1 - around(0.1)[1], 1 - around(0.1)[0], "%", "Caplice (ISM)", ACCEPTED),
    Claim("first-tender acceptance", TIGHT, 0.6, 0.75, "%", "Caplice (ISM)", ACCEPTED),
    Claim("rejection, van", SOFT, 0.033, 0.05, "%", SONAR, OF_EQUIPMENT.format("van")),
    Claim("rejection, reefer", SOFT, 0.05, around(0.15)[1], "%", SONAR, OF_EQUIPMENT.format("reefer")),
    Claim("rejection, flatbed", SOFT, 0.10, 0.20, "%", SONAR, OF_EQUIPMENT.format("flatbed")),
    Claim("rejection, van", TIGHT, *around(0.23), "%", SONAR, OF_EQUIPMENT.format("van")),
    Claim("rejection, reefer", TIGHT, *around(0.40), "%", SONAR, OF_EQUIPMENT.format("reefer")),
    Claim("rejection at holidays, over other days", SOFT, *around(8 / 5), "x", SONAR, HOLIDAY),
    Claim("rejection at holidays, over other days", TIGHT, 1.0, around(20.6 / 19.3)[1], "x", SONAR, HOLIDAY),
    Claim("worst region above the next", TURNING, 0.04, 0.05, "%", SONAR, REGION, required=False),
    Claim("rejection before the shock", TURNING, *around(0.053), "%", SONAR, AROUND_TURN.format(125, 145), False),
    Claim("rejection 3 weeks later", TURNING, *around(0.162), "%", SONAR, AROUND_TURN.format(164, 168), False),
    Claim("contract rates a quarter (fall when soft)", SOFT, -0.2, 0.0, "%", SONAR, RATES, False),
    Claim("contract rates a quarter (rise when tight)", TIGHT, 0.0, 0.2, "%", SONAR, RATES, False),
    Claim("acceptance, 1st of the guide", TURNING, *around(0.78), "%", "Caldwell & Fisher", AT_DEPTH.format(1, 1)),
    Claim("acceptance, 3rd and 4th", TURNING, *around(0.50), "%", "Caldwell & Fisher", AT_DEPTH.format(3, 4)),
    Claim("acceptance, 5th", TURNING, *around(0.40), "%", "Caldwell & Fisher", AT_DEPTH.format(5, 5)),
    Claim("tenders a load", TURNING, *around(1.4), "", "3Gtms 2013", "SELECT avg(tenders) FROM covered"),
    Claim("price a refusal (sources conflict)", TURNING, 0.02, 0.15, "%", "several", PER_REJECTION, False),
    Claim("spot over contract when all refuse", TURNING, *around(1.62), "x", "Scott et al. 2017", ALL_REFUSE, False),
    Claim("spot − contract a mile", SOFT, -0.60, -0.24, "$", DAT, SPOT_GAP, False),
    Claim("spot − contract a mile", TIGHT, *around(0.22), "$", DAT, SPOT_GAP, False),
    Claim("share under contract", SOFT, *around(0.80), "%", "Transplace", CONTRACT, False),
    Claim("share under contract", TIGHT, *around(0.63), "%", "Transplace", CONTRACT, False),
    Claim("minutes a backup tried", TURNING, 45, 90, " min", "C.H. Robinson", CLOCK, False),
    Claim("tender lead time", TURNING, 2.6, 3.63, " d", SONAR, "SELECT avg(lead_h) / 24 FROM loads"),
    Claim("odds of brokers over asset, volatile lanes", TURNING, *around(2.3), "x", "Acocella", BROKERS, False),
    Claim("lanes < 12 loads a year", TURNING, 0.5, 0.8, "%", "DAT; MIT", "SELECT avg((loads < 12)::INT) FROM lanes"),
    Claim("their volume", TURNING, 0.03, 0.07, "%", "DAT; MIT",
          "SELECT sum(loads) FILTER (loads < 12) / sum(loads) FROM lanes"),
    Claim("sporadic lanes: tenders not accepted", TIGHT, 0.25, 0.8, "%", "MIT",
          "SELECT avg((NOT accepted)::INT) FROM offers WHERE contract AND lane_class = 'sporadic'", False),
    Claim("cancelled after acceptance", TURNING, *around(0.17), "%", "MIT 2018", GIVEN_BACK),
    Claim("appointments met", TURNING, 0.96, 1.0, "%", "Chainalytics", ON_APPOINTMENT),
    Claim("on time in full", TURNING, *around(0.70), "%", "Chainalytics", OTIF),
    Claim("OTIF fine, share of the goods", TURNING, *around(0.03), "%", "SupplyPike", FINE, False),
    Claim("stops over 2 h", TURNING, *around(0.393), "%", ATRI, DETAINED),
    Claim("stops over 2 h, reefer", TURNING, *around(0.562), "%", ATRI, DETAINED + " WHERE equipment = 'reefer'"),
    Claim("of these 1–2 h over", TURNING, *around(0.294), "%", ATRI, OF_DETAINED.format(3, 4)),
    Claim("of these > 4 h over", TURNING, *around(0.049), "%", ATRI, OF_DETAINED.format(6, 1000)),
)  # fmt: skip
