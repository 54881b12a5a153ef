-- What says something, and when: each row is one version of a fact, its value, and the moment at which it became known.

CREATE TABLE ends AS
SELECT shipment_id, min(known_at) AS ended_at
FROM milestones WHERE code_list = 'x12-1650' AND code IN ('D1', 'CA')
GROUP BY shipment_id;

CREATE TABLE offered AS
SELECT tender_id, min(known_at) AS begin,
    min(greatest(known_at, answered_at)) FILTER (outcome <> 'open' AND answered_at IS NOT NULL) AS answered
FROM tenders
GROUP BY tender_id;

CREATE TABLE answers AS
SELECT tender_id, known_at, greatest(known_at, answered_at) AS known, (outcome <> 'accepted')::DOUBLE AS failed,
    price
FROM tenders
WHERE outcome IN ('accepted', 'rejected', 'expired', 'conditional', 'counter_proposal') AND answered_at IS NOT NULL;

CREATE TABLE resolutions AS
SELECT exception_id, known_at, greatest(known_at, settled_at) AS known, impact
FROM exceptions
WHERE impact IS NOT NULL AND settled_at IS NOT NULL;
