"""Every feature again, one question at a time, from the rows themselves: slow, plain, and without the code it judges.

Written from the docstrings and the definitions of the domain. Rows are dictionaries; a missing value is ``None``.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd

from domain.facts import FACTS
from domain.predictions import ModelName
from features.entities import ALL, LONG_DAYS, STREAMS, Entity
from features.history import PRIOR_WEIGHT, USED
from store.dataset import Dataset

Row = dict[str, Any]
FAILED = ("rejected", "expired", "conditional", "counter_proposal")
HORIZON = pd.Timedelta(days=90)
KEYS = {"eta_risk": "shipment_id", "tender_failure": "tender_id", "severity": "exception_id"}
OWN = {"eta_risk": "shipments", "tender_failure": "tenders", "severity": "exceptions"}
SECOND = {
    "tenders": ("outcome_known_at", {"outcome": "open", "outcome_at": None, "reason": None}),
    "exceptions": ("resolved_known_at", {"impact": None, "resolved_at": None, "resolved_by": None}),
}
PLANNED = ("outcome", "outcome_at", "outcome_known_at", "impact", "resolved_at", "resolved_by", "resolved_known_at",
           "known_at", "reason", "reason_list")  # fmt: skip


def minutes(later: Any, earlier: Any) -> float:
    if later is None or earlier is None:
        return math.nan
    return float((later - earlier).total_seconds() / 60)


class Oracle:
    """Answers of one data set."""

    def __init__(self, dataset: Dataset) -> None:
        self.manifest = dataset.manifest
        names = ("shipments", "tenders", "milestones", "exceptions", "signals")
        self.rows = {name: [_plain(row) for row in dataset.table(name).to_dict("records")] for name in names}
        self.attributes = sorted({k for rows in self.rows.values() for row in rows for k in row if k.startswith("x_")})
        self._events: dict[str, list[list[Row]]] = {}

    # What is known

    def known(self, table: str, at: pd.Timestamp) -> list[Row]:
        """The latest version of each fact known at a moment, unknown second halves blank, in order of knowledge."""
        latest: dict[tuple[Any, ...], Row] = {}
        for row in self.rows[table]:
            key = tuple(row[part] for part in FACTS[table].key)
            if row["known_at"] <= at and (key not in latest or row["known_at"] > latest[key]["known_at"]):
                latest[key] = row
        ordered = sorted(latest.items(), key=lambda pair: (pair[1]["known_at"], [(p is None, p or 0) for p in pair[0]]))
        return [self._blank(table, row, at) for _, row in ordered]

    def _blank(self, table: str, row: Row, at: pd.Timestamp) -> Row:
        if table not in SECOND:
            return row
        known, blank = SECOND[table]
        return row | blank | {known: None} if row[known] is None or row[known] > at else row

    def record(self, model: str, subject: str | None, at: pd.Timestamp) -> Row:
        """The subject's own record with its shipment's, as known."""
        own = self._record(OWN[model], KEYS[model], subject, at)
        if model == "eta_risk":
            return self._with_lane(own)
        shipment = self._record("shipments", "shipment_id", own.get("shipment_id"), at)
        filled = {k: v if own.get(k) is None else own[k] for k, v in shipment.items()}
        return self._with_lane(own | filled)

    def _record(self, table: str, key: str, value: str | None, at: pd.Timestamp) -> Row:
        found = [row for row in self.known(table, at) if value is not None and row[key] == value]
        return {k: v for k, v in (found[-1] if found else {}).items() if k not in PLANNED} | {key: value}

    @staticmethod
    def _with_lane(row: Row) -> Row:
        ends = row.get("origin_id"), row.get("destination_id")
        return row | {"lane": None if None in ends else f"{ends[0]}→{ends[1]}"}

    # Entity history

    def events(self, stream: str) -> list[list[Row]]:
        """Facts of a stream: per fact its versions in order of knowledge, each ``known_at``, ``values``, ``who``."""
        if stream not in self._events:
            made: dict[tuple[Any, ...], list[Row]] = {}
            tables = {"deliveries": "milestones", "departures": "milestones", "answers": "tenders", "prices": "tenders",
                      "leads": "shipments"}  # fmt: skip
            table = tables.get(stream, "exceptions")
            for row in self.rows[table]:
                version = getattr(self, f"_{stream}")(row)
                if version is not None and not any(math.isnan(v) for v in version["values"].values()):
                    made.setdefault(tuple(row[part] for part in FACTS[table].key), []).append(version)
            self._events[stream] = [sorted(facts, key=lambda v: v["known_at"]) for facts in made.values()]
        return self._events[stream]

    def _deliveries(self, row: Row) -> Row | None:
        if (row["code_list"], row["code"]) != ("x12-1650", "D1"):
            return None
        who = self.record("eta_risk", row["shipment_id"], row["known_at"])
        delay = minutes(row["occurred_at"], who.get("planned_delivery_at"))
        late = math.nan if math.isnan(delay) else float(delay > self.allowed(who))
        soft = math.asinh(delay / 15)
        values = {"late": late, "delay": soft, "delay_squared": soft**2}
        return {"known_at": row["known_at"], "who": who, "values": values}

    def _departures(self, row: Row) -> Row | None:
        if (row["code_list"], row["code"]) != ("x12-1650", "AF"):
            return None
        who = self.record("eta_risk", row["shipment_id"], row["known_at"])
        planned = row["planned_at"] or who.get("planned_pickup_at")
        values = {"departure": math.asinh(minutes(row["occurred_at"], planned) / 15)}
        return {"known_at": row["known_at"], "who": who, "values": values}

    def _answers(self, row: Row) -> Row | None:
        if row["outcome"] not in (*FAILED, "accepted"):
            return None
        known = max(row["known_at"], row["outcome_known_at"])
        if self._superseded("tenders", row, known):
            return None
        who = self.record("tender_failure", row["tender_id"], known)
        return {"known_at": known, "who": who, "values": {"failed": float(row["outcome"] in FAILED)}}

    def _prices(self, row: Row) -> Row | None:
        answered = self._answers(row)
        price = row["price"] if row["price"] is not None and row["price"] > 0 else math.nan
        return answered and answered | {"values": {"log_price": math.log(price)}}

    def _leads(self, row: Row) -> Row | None:
        lead = math.asinh(minutes(row["planned_pickup_at"], row["released_at"]) / 15)
        return {"known_at": row["known_at"], "who": self._with_lane(row), "values": {"lead": lead}}

    def _resolutions(self, row: Row) -> Row | None:
        if row["impact"] is None:
            return None
        known = max(row["known_at"], row["resolved_known_at"])
        if self._superseded("exceptions", row, known):
            return None
        values = {"impact": math.log1p(max(row["impact"], 0.0))}
        for k, threshold in enumerate(self.manifest.severity.thresholds, start=1):
            values[f"over_{k}"] = float(row["impact"] > threshold)
        return {"known_at": known, "who": self.record("severity", row["exception_id"], known), "values": values}

    def _superseded(self, table: str, row: Row, at: pd.Timestamp) -> bool:
        """Whether another version of the row's fact was known by then, later than the row."""
        key = FACTS[table].key[0]
        return any(one[key] == row[key] and row["known_at"] < one["known_at"] <= at for one in self.rows[table])

    def allowed(self, record: Row) -> float:
        own = record.get("late_after_min")
        return float(self.manifest.late_after_min if own is None else own)

    def mean(self, stream: str, entity: Entity, days: float, value: str, record: Row, at: pd.Timestamp) -> float:
        """(S + k·m) / (N + k) with the parent's mean m; the whole network of late leans on its long-run mean."""
        total, count = self.sums(stream, entity.key, days, value, record, at)
        if not entity.key and days >= LONG_DAYS:
            return total / count if count else math.nan
        prior = self.mean(stream, Entity(entity.parent, ()), days if entity.key else LONG_DAYS, value, record, at)
        return (total + PRIOR_WEIGHT * prior) / (count + PRIOR_WEIGHT)

    def sums(
        self, stream: str, key: tuple[str, ...], days: float, value: str, record: Row, at: pd.Timestamp
    ) -> tuple[float, float]:
        """Decayed sum of a value of an entity's facts, and their decayed number."""
        name = tuple(record.get(part) for part in key)
        total, count = 0.0, 0.0
        for versions in self.events(stream):
            first = versions[0]
            seen = [v for v in versions if v["known_at"] <= at and v["known_at"] - first["known_at"] <= HORIZON]
            if seen and None not in name and tuple(first["who"].get(part) for part in key) == name:
                weight = 2.0 ** (-((at - first["known_at"]) / pd.Timedelta(days=1)) / days)
                total, count = total + weight * seen[-1]["values"][value], count + weight
        return total, count

    def usual(self, record: Row, at: pd.Timestamp) -> dict[str, float]:
        """Price and lead time against the lane's plain decayed means."""
        means = {}
        for stream, value in (("prices", "log_price"), ("leads", "lead")):
            total, count = self.sums(stream, ("lane",), LONG_DAYS, value, record, at)
            means[stream] = total / count if count else math.nan
        price = record.get("price")
        log_price = math.log(price) if price is not None and price > 0 else math.nan
        lead = math.asinh(minutes(record.get("planned_pickup_at"), record.get("released_at")) / 15)
        return {
            "price_vs_lane": log_price - means["prices"],
            "lane_lead": means["leads"],
            "lead_vs_lane": lead - means["leads"],
        }

    def history(self, model: str, record: Row, at: pd.Timestamp) -> dict[str, float]:
        """Every column ``<entity>_<value>_<half-life>d``."""
        made = {}
        for place, (stream, values) in enumerate(USED[ModelName(model)]):
            own = [Entity((name,), (LONG_DAYS,)) for name in self.attributes]
            for entity in (*STREAMS[stream].entities, *(own if place == 0 else [])):
                named = "_x_".join(part.removesuffix("_id") for part in entity.key) if entity.key else ALL.name
                for days in entity.half_lives_days:
                    for value in values:
                        mean = self.mean(stream, entity, days, value, record, at)
                        if value == "failed" and days == LONG_DAYS:
                            network = self.mean(stream, ALL, days, value, record, at)
                            made[f"{named}_failed_excess_{days:g}d"] = mean - network
                        else:
                            made[f"{named}_{value}_{days:g}d"] = mean
        for named, key in (("carrier", ("carrier_id",)), ("lane", ("lane",))) if model == "eta_risk" else ():
            entity = next(one for one in STREAMS["deliveries"].entities if one.key == key)
            square = self.mean("deliveries", entity, LONG_DAYS, "delay_squared", record, at)
            made[f"{named}_delay_variance_120d"] = max(square - made[f"{named}_delay_120d"] ** 2, 0.0)
        return made

    # Progress and signals

    def progress(self, subject: Row, record: Row) -> dict[str, float]:
        at = subject["as_of"]
        shipment = record.get("shipment_id")
        reached = [row for row in self.known("milestones", at) if shipment and row["shipment_id"] == shipment]
        lateness = [minutes(row["occurred_at"], row["planned_at"]) for row in reached]
        lateness = [value for value in lateness if not math.isnan(value)]
        offers = [row for row in self.known("tenders", at) if shipment and row["shipment_id"] == shipment]
        failed = [o for o in offers if o["outcome"] in FAILED and o["tender_id"] != subject.get("tender_id")]
        last = lateness[-1] if lateness else math.nan
        overdue = minutes(at, record.get("planned_delivery_at"))
        projected = 0.0 if math.isnan(last) else last
        return {
            "milestones_known": float(len(reached)),
            "last_lateness_min": last,
            "worst_lateness_min": max(lateness, default=math.nan),
            "mean_lateness_min": sum(lateness) / len(lateness) if lateness else math.nan,
            "silence_min": minutes(at, reached[-1]["known_at"]) if reached else math.nan,
            "offers_failed": float(len(failed)),
            "projected_delay_min": projected if math.isnan(overdue) else max(projected, overdue),
        }

    def signals(self, record: Row, at: pd.Timestamp) -> dict[str, float]:
        made = {}
        for place, column in (("origin", "origin_id"), ("destination", "destination_id"), ("site", "site_id")):
            for name in sorted({row["name"] for row in self.rows["signals"]}):
                found = [
                    r for r in self.known("signals", at) if (r["place_id"], r["name"]) == (record.get(column), name)
                ]
                last = max(found, key=lambda row: row["observed_at"], default={"value": math.nan})
                made[f"{place}_signal_{name}"] = last["value"]
        return made

    # Subjects and outcomes

    def subjects(self, model: str) -> list[tuple[str, str, pd.Timestamp]]:
        """(subject, stage, as_of) of a model, sorted by (as_of, subject, stage name)."""
        if model == "tender_failure":
            made = [(k, "offer", rows[0]["offered_at"]) for k, rows in self._versions("tenders", "tender_id")]
        elif model == "severity":
            made = [(k, "raised", rows[0]["known_at"]) for k, rows in self._versions("exceptions", "exception_id")]
        else:
            made = [one for k, rows in self._versions("shipments", "shipment_id") for one in self._stages(k, rows[0])]
        return sorted(made, key=lambda one: (one[2], one[0], one[1]))

    def _versions(self, table: str, key: str) -> Iterable[tuple[str, list[Row]]]:
        made: dict[str, list[Row]] = {}
        for row in sorted(self.rows[table], key=lambda row: row["known_at"]):
            made.setdefault(row[key], []).append(row)
        return made.items()

    def _stages(self, shipment: str, first: Row) -> list[tuple[str, str, pd.Timestamp]]:
        release = max(first["known_at"], first["released_at"] or first["known_at"])
        stages = {"release": release}
        accepted = [r["outcome_known_at"] for r in self.rows["tenders"]
                    if r["shipment_id"] == shipment and r["outcome"] == "accepted"]  # fmt: skip
        reached: dict[tuple[str, str | None, str], pd.Timestamp] = {}
        ended = None
        for row in self.rows["milestones"]:
            if row["shipment_id"] == shipment:
                if row["code_list"] == "x12-1650" and row["code"] in ("D1", "CA"):
                    ended = min(filter(None, (ended, row["known_at"])))
                else:
                    key = (row["code"], row["stop"], row["code_list"])
                    reached[key] = min(reached.get(key, row["known_at"]), row["known_at"])
        made = [("release", release), *([("tendered", min(accepted))] if accepted else [])]
        made += [(code if stop is None else f"{code}@{stop}", at) for (code, stop, _), at in reached.items()]
        return [(shipment, name, at) for name, at in made if at >= stages["release"] and (ended is None or at < ended)]

    def outcome(self, model: str, subject: Row, by: pd.Timestamp) -> tuple[str, float, float]:
        """(fate, value, late)."""
        answer: Callable[[Row, pd.Timestamp], tuple[str, float, float]] = getattr(self, f"_outcome_{model}")
        return answer(subject, by)

    def _outcome_eta_risk(self, subject: Row, by: pd.Timestamp) -> tuple[str, float, float]:
        ends = [m for m in self.known("milestones", by)
                if m["shipment_id"] == subject["shipment_id"] and m["code_list"] == "x12-1650"]  # fmt: skip
        if any(m["code"] == "CA" for m in ends):
            return "cancelled", math.nan, math.nan
        delivered = [m for m in ends if m["code"] == "D1"]
        if not delivered:
            return "censored", math.nan, math.nan
        record = self.record("eta_risk", subject["shipment_id"], subject["as_of"])
        delay = minutes(delivered[-1]["occurred_at"], record.get("planned_delivery_at"))
        if math.isnan(delay):
            return "no_plan", math.nan, math.nan
        return "known", delay, float(delay > self.allowed(record))

    def _outcome_tender_failure(self, subject: Row, by: pd.Timestamp) -> tuple[str, float, float]:
        found = [t["outcome"] for t in self.known("tenders", by) if t["tender_id"] == subject["tender_id"]]
        outcome = found[-1] if found else "open"
        if outcome == "cancelled":
            return "cancelled", math.nan, math.nan
        known = outcome in (*FAILED, "accepted")
        return ("known", float(outcome in FAILED), math.nan) if known else ("censored", math.nan, math.nan)

    def _outcome_severity(self, subject: Row, by: pd.Timestamp) -> tuple[str, float, float]:
        found = [e["impact"] for e in self.known("exceptions", by) if e["exception_id"] == subject["exception_id"]]
        impact = found[-1] if found else None
        return ("censored", math.nan, math.nan) if impact is None else ("known", float(impact), math.nan)


def _plain(row: Row) -> Row:
    return {key: None if pd.isna(value) else value for key, value in row.items()}
