"""Results small enough to read in a test."""


def figure(mean, half_width=0.01, n=5, **more):
    return {"mean": mean, "half_width": half_width, "n": n, "unit": "share", **more}


def option(hours, half_width, told_apart):
    return {
        "hours_per_year": figure(hours, half_width, told_apart=told_apart),
        "sessions_per_year": figure(hours / 4, half_width / 4, told_apart=told_apart),
        "acceptance": figure(0.01, 0.002, told_apart=told_apart),
        "cost_mkrw_year": 240.0,
    }


def level(at, acceptance):
    return {
        "level": at,
        "replications": 5,
        "kpis": {"acceptance": figure(acceptance), "acceptance_hours": figure(acceptance - 0.02)},
        "by_resource": {"fc-kcity-weather": {"occupancy": figure(0.4 * at)}},
    }


STUDY = {
    "version": 1,
    "levels": [level(1.0, 0.9), level(2.0, 0.8)],
    "comparison": {
        "options": {
            "op-weather-2": option(300, 40, told_apart=True),
            "op-drivers": option(260, 40, told_apart=True),
            "op-ajou": option(100, 40, told_apart=True),
            "op-hwado": option(5, 40, told_apart=False),
        },
        "behind_best": {
            "op-drivers": figure(-40, 50, told_apart=False),
            "op-ajou": figure(-200, 50, told_apart=True),
            "op-hwado": figure(-295, 50, told_apart=True),
        },
    },
}


def result(**changed):
    """A finished result of the base at double demand."""
    return {
        "scenario": {"name": "trial", "base": {"level": 2.0}, "change": []},
        "scenario_digest": "a" * 64,
        "catalogue_digest": "b" * 64,
        "demand_digest": "c" * 64,
        "seed": 7,
        "model_version": "1",
        "replications": 5,
        "horizon": {"start": "2026-01-01", "days": 365, "warmup_days": 90},
        "precision": None,
        "warnings": [],
        "kpis": {"acceptance": figure(0.793, 0.008), "sessions": figure(4000, 40)},
        "by_hour": {
            "mon 09": {"utilisation": figure(0.25)},
            "tue 10": {"utilisation": figure(0.5)},
        },
        "by_resource": {
            "fc-kcity-weather": {"occupancy": figure(0.81), "utilisation": figure(0.6)},
            "rt-pangyo-bus": {"occupancy": figure(0.95), "utilisation": figure(0.9)},
        },
        "by_test_kind": {
            "adverse_weather": {"sessions": figure(400, 9), "acceptance": figure(0.5)},
            "night": {"sessions": figure(100, 5), "acceptance": figure(0.4)},
        },
        "refusals": {
            "hours": figure(0.12),
            "quota": figure(0.02),
            "fc-kcity-weather": figure(0.03),
        },
        **changed,
    }
