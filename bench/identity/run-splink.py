"""Resolves labelled files with Splink 4 or 5 on DuckDB, set up as its documentation does for such data.

`.venv-bench/splink-4/bin/python bench/identity/run-splink.py FOLDER KIND` reads `<source>.csv`, prints one line of JSON (Run of run.ts), and leaves in
FOLDER/splink-<version>: `profiles.csv` at Splink's usual threshold, `best/profiles.csv` at the one that the labels say is best, `nodes.parquet` and `scored.parquet`.
Labels are read only after the clock has stopped.
"""

import json
import logging
import os
import resource
import sys
import time

import duckdb
import splink
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

# As in its tutorial and its examples of deduplication.
USUAL_THRESHOLD = 0.95
THRESHOLDS = [0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9995, 0.9999, 0.99999, 0.999999, 0.9999999]
LOWEST_PREDICTION = 0.01

folded = "nullif(trim(regexp_replace(lower(strip_accents({0})), '[^a-z0-9@ ]', '', 'g')), '')"


def fold(column):
    return folded.format(column)


def email(column):
    return (
        f"CASE WHEN {column} LIKE '%_@_%.%' AND lower({column}) NOT IN ('none@none.com', 'noemail@noemail.com', 'na@na.com', 'test@test.com', "
        f"'x@x.com', 'no@mail.com', 'customer@shop.example') THEN regexp_replace(lower(trim({column})), '\\+[^@]*@', '@') END"
    )


def phone(column):
    digits = f"right(regexp_replace({column}, '[^0-9]', '', 'g'), 10)"
    return f"CASE WHEN length({digits}) = 10 AND {digits} NOT IN ('0000000000', '9999999999', '1234567890', '5555555555', '1111111111') THEN {digits} END"


def date(column, form):
    parsed = f"strftime(coalesce({', '.join(f'try_strptime({column}, {one!r})' for one in form)}), '%Y-%m-%d')"
    return f"CASE WHEN {parsed} NOT IN ('1900-01-01', '1970-01-01', '1901-01-01', '2000-01-01', '1980-01-01') THEN {parsed} END"


def name(column):
    text = fold(column)
    return f"CASE WHEN {text} NOT IN ('na', 'unknown', 'guest', 'customer', 'xxx', 'asdf', 'no name', 'test') THEN {text} END"


def street(column):
    """House number and street, without the flat, long words as the short ones."""
    text = fold(f"regexp_replace({column}, '(,? (apt|unit)\\.? .*| #.*)$', '', 'i')")
    for long, short in [
        *[("street", "st"), ("avenue", "ave"), ("road", "rd"), ("drive", "dr"), ("lane", "ln"), ("boulevard", "blvd"), ("court", "ct")],
        *[("place", "pl"), ("highway", "hwy"), ("terrace", "ter"), ("north", "n"), ("south", "s"), ("east", "e"), ("west", "w")],
    ]:
        text = f"regexp_replace({text}, '\\b{long}\\b', '{short}', 'g')"
    return text


def exact(column):
    return cl.ExactMatch(column).configure(term_frequency_adjustments=True)


def place(zip_code, city):
    return cl.CustomComparison(
        output_column_name="place",
        comparison_levels=[
            cll.And(cll.NullLevel(zip_code), cll.NullLevel(city)),
            cll.ExactMatchLevel(zip_code).configure(tf_adjustment_column=zip_code),
            cll.ExactMatchLevel(city).configure(tf_adjustment_column=city),
            cll.ElseLevel(),
        ],
    )


def first_word(column):
    return f"split_part({column}, ' ', 1)"


def last_first(column, part):
    """Of one column with a whole name, "given surname" or "surname, given"."""
    comma = f"{column} LIKE '%, %'"
    given = f"CASE WHEN {comma} THEN split_part({column}, ', ', 2) ELSE regexp_extract({column}, '^(.*?) +[^ ]+$', 1) END"
    surname = f"CASE WHEN {comma} THEN split_part({column}, ', ', 1) ELSE regexp_extract({column}, '([^ ]+)$', 1) END"
    return given if part == "given" else surname


def retail():
    columns = "source, id, account, given, surname, email, phone, birth, street, zip, city"
    select = {
        "webshop": ["account_id", "account_id", name("first_name"), name("last_name"), email("email"), phone("phone"), date("date_of_birth", ["%Y-%m-%d"]), street("street"), "postcode", fold("town")],
        "orders": ["order_no", "account_id", name("ship_first_name"), name("ship_last_name"), email("contact_email"), phone("contact_phone"), "NULL", street("ship_address"), "ship_zip", fold("ship_city")],
        "loyalty": ["card_no", "NULL", name("forename"), name("surname"), email("email"), phone("home_phone"), date("birth_day", ["%m/%d/%Y", "%m/%d/%y"]), street("address_line"), "zip", fold("city")],
        "newsletter": ["subscriber_id", "NULL", name("name"), "NULL", email("email_address"), "NULL", "NULL", "NULL", "NULL", "NULL"],
        "store": ["contact_id", "NULL", name(last_first("customer_name", "given")), name(last_first("customer_name", "surname")), email("email"), phone("telephone"), "NULL", "NULL", "NULL", fold("city")],
    }
    records = " UNION ALL ".join(f"SELECT '{source}', {', '.join(parts)} FROM {source}" for source, parts in select.items())
    return {
        "records": f"""SELECT *, given || ' ' || surname AS full_name FROM (SELECT source, id, account, {first_word('given')} AS given,
            regexp_replace(surname, ' (jr|sr)$', '') AS surname, email, phone, birth, street, zip, city FROM ({records}) AS t({columns}))""",
        "comparisons": [
            cl.ForenameSurnameComparison("given", "surname", forename_surname_concat_col_name="full_name"),
            cl.EmailComparison("email").configure(term_frequency_adjustments=True),
            cl.LevenshteinAtThresholds("phone", [1]).configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("birth", input_is_string=True),
            cl.JaroWinklerAtThresholds("street", [0.95, 0.88]).configure(term_frequency_adjustments=True),
            place("zip", "city"),
            cl.ExactMatch("account"),
        ],
        "blocking": [
            block_on("email"),
            block_on("phone"),
            block_on("account"),
            block_on("given", "surname", "city"),
            block_on("given", "surname", "zip"),
            block_on("surname", "street"),
            block_on("given", "birth"),
            block_on("surname", "birth"),
            block_on("substr(given, 1, 3)", "street"),
        ],
        "certain": [block_on("email", "surname"), block_on("given", "surname", "birth"), block_on("given", "surname", "street")],
        "train": [block_on("email"), block_on("given", "surname"), block_on("phone")],
    }


def historical():
    bare = "regexp_replace(full_name, '^(Sir|Rev\\.|Dr|Captain|Lady|Mrs|Colonel|Lord) ', '')"
    return {
        "records": f"""SELECT 'people' AS source, id, {first_word('given')} AS given, surname, {first_word('given')} || ' ' || surname AS full_name,
            birth, birth_place, postcode, gender, occupation
            FROM (SELECT id, {fold(last_first(bare, 'given'))} AS given, {fold(last_first(bare, 'surname'))} AS surname, birth_date AS birth,
            {fold('birth_place')} AS birth_place, upper(postcode) AS postcode, gender, occupation FROM people)""",
        "comparisons": [
            cl.ForenameSurnameComparison("given", "surname", forename_surname_concat_col_name="full_name"),
            cl.DateOfBirthComparison("birth", input_is_string=True),
            cl.PostcodeComparison("postcode"),
            exact("birth_place"),
            exact("occupation"),
        ],
        "blocking": [
            block_on("given", "surname"),
            block_on("substr(given, 1, 3)", "substr(surname, 1, 4)"),
            block_on("given", "birth"),
            block_on("surname", "birth"),
            block_on("birth", "postcode"),
            block_on("birth", "birth_place"),
            block_on("surname", "birth_place", "occupation"),
            block_on("postcode", "given"),
            block_on("postcode", "surname"),
        ],
        "certain": [block_on("given", "surname", "birth"), block_on("substr(given, 1, 2)", "surname", "postcode"), block_on("birth", "postcode", "given")],
        "recall": 0.6,
        "train": [block_on("given", "surname"), block_on("birth"), block_on("postcode")],
    }


def fakes():
    return {
        "records": f"""SELECT 'people' AS source, id, {fold('first_name')} AS given, {fold('surname')} AS surname,
            {fold('first_name')} || ' ' || {fold('surname')} AS full_name, dob AS birth, {fold('city')} AS city, lower(email) AS email FROM people""",
        "comparisons": [
            cl.ForenameSurnameComparison("given", "surname", forename_surname_concat_col_name="full_name"),
            cl.DateOfBirthComparison("birth", input_is_string=True),
            exact("city"),
            cl.EmailComparison("email").configure(term_frequency_adjustments=True),
        ],
        "blocking": [
            block_on("given", "surname"),
            block_on("surname", "birth"),
            block_on("given", "birth"),
            block_on("email"),
            block_on("given", "city", "substr(birth, 1, 4)"),
            block_on("surname", "city", "substr(birth, 1, 4)"),
            block_on("birth", "city"),
        ],
        "certain": [block_on("given", "birth"), block_on("surname", "birth"), block_on("email")],
        "train": [block_on("given", "surname"), block_on("birth")],
    }


def heavy_typos():
    return {
        "records": f"""SELECT 'people' AS source, id, {fold('given_name')} AS given, {fold('surname')} AS surname,
            {fold('given_name')} || ' ' || {fold('surname')} AS full_name, {street('street')} AS street, {fold('suburb')} AS suburb, postcode, state,
            strftime(try_strptime(birth_date, '%Y%m%d'), '%Y-%m-%d') AS birth, {phone('phone')} AS phone FROM people""",
        "comparisons": [
            cl.ForenameSurnameComparison("given", "surname", forename_surname_concat_col_name="full_name"),
            cl.DateOfBirthComparison("birth", input_is_string=True),
            cl.JaroWinklerAtThresholds("street", [0.9, 0.8]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("suburb", [0.9]).configure(term_frequency_adjustments=True),
            cl.LevenshteinAtThresholds("postcode", [1, 2]),
            cl.LevenshteinAtThresholds("phone", [1, 2]),
        ],
        "blocking": [
            block_on("given", "surname"),
            block_on("phone"),
            block_on("birth"),
            block_on("street"),
            block_on("surname", "postcode"),
            block_on("given", "postcode"),
            block_on("surname", "suburb"),
            block_on("given", "suburb"),
            block_on("substr(given, 1, 3)", "substr(surname, 1, 3)"),
        ],
        "certain": [block_on("phone", "surname"), block_on("birth", "given"), block_on("phone", "given")],
        "train": [block_on("birth"), block_on("phone"), block_on("given", "surname")],
    }


def census():
    columns = "source, id, given, middle, surname, birth, sex, street, zip, city"
    born = "try_strptime({2} || '-' || lpad({1}, 2, '0') || '-' || lpad({0}, 2, '0'), '%Y-%m-%d')"
    birth = lambda *parts: f"strftime({born.format(*parts)}, '%Y-%m-%d')"
    select = {
        "census": [fold("first_name"), "lower(middle_initial)", fold("last_name"), birth("birth_day", "birth_month", "birth_year"), "sex", street("street_address"), "zipcode", fold("city")],
        "social_security": [fold("given_name"), "lower(middle_name[1])", fold("surname"), birth("day_of_birth", "month_of_birth", "year_of_birth"), "gender", "NULL", "NULL", "NULL"],
        "benefits": [fold("first_name"), "lower(mi)", fold("last_name"), birth("dob_day", "dob_month", "dob_year"), "sex", street("mailing_address"), "zip_code", fold("town")],
    }
    records = " UNION ALL ".join(f"SELECT '{source}', id, {', '.join(parts)} FROM {source}" for source, parts in select.items())
    return {
        "records": f"SELECT *, given || ' ' || surname AS full_name FROM ({records}) AS t({columns})",
        "comparisons": [
            cl.ForenameSurnameComparison("given", "surname", forename_surname_concat_col_name="full_name"),
            cl.ExactMatch("middle"),
            cl.DateOfBirthComparison("birth", input_is_string=True),
            cl.ExactMatch("sex"),
            cl.JaroWinklerAtThresholds("street", [0.9]).configure(term_frequency_adjustments=True),
            place("zip", "city"),
        ],
        "blocking": [
            block_on("given", "surname"),
            block_on("surname", "birth"),
            block_on("given", "birth"),
            block_on("surname", "street"),
            block_on("given", "street"),
            block_on("birth", "sex", "substr(surname, 1, 2)"),
            block_on("substr(given, 1, 3)", "substr(surname, 1, 3)", "substr(birth, 1, 4)"),
        ],
        "certain": [block_on("given", "surname", "birth")],
        "train": [block_on("given", "surname"), block_on("birth")],
    }


KINDS = {"retail": retail, "historical": historical, "fakes": fakes, "heavy typos": heavy_typos, "census": census}


def linker_of(connection, settings, table):
    """The two versions differ in how a table is handed over."""
    api = DuckDBAPI(connection=connection)
    if splink.__version__.startswith("4"):
        return Linker(table, settings, api)
    return Linker(api.register(table), settings)


def main(folder, kind):
    logging.disable(logging.WARNING)
    if kind not in KINDS:
        print("null")
        return
    set_up = KINDS[kind]()
    out = os.path.join(folder, f"splink-{splink.__version__[0]}")
    os.makedirs(os.path.join(out, "best"), exist_ok=True)
    steps = []
    began = last = time.perf_counter()

    def step(name):
        nonlocal last
        now = time.perf_counter()
        steps.append({"name": name, "seconds": now - last})
        last = now

    connection = duckdb.connect()
    connection.execute(f"SET temp_directory = '{out}/spill'")
    for file in sorted(os.listdir(folder)):
        if file.endswith(".csv") and file not in ("truth.csv", "why.csv"):
            connection.execute(f"CREATE VIEW {file[:-4]} AS SELECT * FROM read_csv('{folder}/{file}', all_varchar = true, header = true)")
    connection.execute(f"CREATE TABLE records AS SELECT source || ' ' || id AS unique_id, * FROM ({set_up['records']})")
    step("read")
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="unique_id",
        comparisons=set_up["comparisons"],
        blocking_rules_to_generate_predictions=set_up["blocking"],
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )
    linker = linker_of(connection, settings, "records")
    linker.training.estimate_probability_two_random_records_match(set_up["certain"], recall=set_up.get("recall", 0.7))
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in set_up["train"]:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    step("train")
    predictions = linker.inference.predict(threshold_match_probability=LOWEST_PREDICTION)
    step("score")
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, threshold_match_probability=USUAL_THRESHOLD)
    step("cluster")
    write_profiles(connection, clusters, os.path.join(out, "profiles.csv"))
    step("write")
    seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    pairs = connection.execute(f"SELECT count(*) FROM {predictions.physical_name}").fetchone()[0]

    connection.execute(f"COPY (SELECT source, id, rowid AS node FROM records) TO '{out}/nodes.parquet' (FORMAT parquet)")
    connection.execute(
        f"""COPY (SELECT least(x.rowid, y.rowid) AS a, greatest(x.rowid, y.rowid) AS b, match_probability AS probability, true AS met
        FROM {predictions.physical_name} JOIN records x ON x.unique_id = unique_id_l JOIN records y ON y.unique_id = unique_id_r)
        TO '{out}/scored.parquet' (FORMAT parquet)"""
    )
    best = max(((f1_at(connection, linker, predictions, folder, t), t) for t in THRESHOLDS))
    write_profiles(
        connection,
        linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, threshold_match_probability=best[1]),
        os.path.join(out, "best", "profiles.csv"),
    )
    print(
        json.dumps(
            {
                "seconds": seconds,
                "cpuSeconds": used.ru_utime + used.ru_stime,
                "peakMemoryBytes": used.ru_maxrss * 1024,
                "steps": steps,
                "comparedPairs": pairs,
                "notes": {"version": splink.__version__, "threshold": USUAL_THRESHOLD, "bestThreshold": best[1]},
            }
        )
    )


def write_profiles(connection, clusters, path):
    connection.execute(
        f"COPY (SELECT r.source, r.id, cluster_id AS profile_id FROM {clusters.physical_name} JOIN records r USING (unique_id)) TO '{path}' (FORMAT csv, HEADER true)"
    )


def f1_at(connection, linker, predictions, folder, threshold):
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, threshold_match_probability=threshold)
    return connection.execute(
        f"""WITH cell AS (SELECT cluster_id, person, count(*) AS n FROM {clusters.physical_name} JOIN records r USING (unique_id)
            JOIN read_csv('{folder}/truth.csv', all_varchar = true, header = true) t ON t.source = r.source AND t.id = r.id GROUP BY ALL)
        SELECT 2.0 * (SELECT sum(n * (n - 1)) FROM cell) / ((SELECT sum(n * (n - 1)) FROM (SELECT sum(n) AS n FROM cell GROUP BY cluster_id))
          + (SELECT sum(n * (n - 1)) FROM (SELECT sum(n) AS n FROM cell GROUP BY person)))"""
    ).fetchone()[0]


main(*sys.argv[1:3])
