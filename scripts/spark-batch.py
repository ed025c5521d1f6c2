#!/usr/bin/env python3
"""Transcribes recordings with `utter batch` inside Apache Spark: each partition's paths go through a process of utter by
`pipe()`, and what comes back is a table of Spark. Here in local mode; on a cluster, every machine needs the command, the
model and the recordings under the same paths.

usage:    scripts/spark-batch.py PATH... [--partitions N] [--utter COMMAND] [--json]
example:  python3 -m venv .spark && .spark/bin/pip install pyspark && .spark/bin/python scripts/spark-batch.py audio/*.wav

The exit code is 1 if a recording has no transcript.
"""
import argparse
import pathlib
import shlex

from pyspark.sql import SparkSession
from pyspark.sql.types import DoubleType, StringType, StructField, StructType

UTTER = pathlib.Path(__file__).resolve().parent.parent / ".build/release/utter"
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("paths", nargs="+", type=pathlib.Path)
parser.add_argument("--partitions", type=int, default=2)
parser.add_argument("--utter", default=str(UTTER))
parser.add_argument("--json", action="store_true", help="print the lines of JSON as they came, sorted")
options = parser.parse_args()

spark = (SparkSession.builder.master(f"local[{options.partitions}]").appName("utter batch")
         .config("spark.ui.enabled", "false").config("spark.driver.bindAddress", "127.0.0.1").getOrCreate())
spark.sparkContext.setLogLevel("ERROR")
paths = spark.sparkContext.parallelize([str(path.resolve()) for path in options.paths], options.partitions)
# A partition a process; errors are lines too, so the exit code, 1 if there are any, is not looked at.
lines = paths.pipe(f"{shlex.quote(options.utter)} batch --from - --threads 1 --quiet").cache()
if options.json:
    print("\n".join(sorted(lines.collect())))
schema = StructType([StructField("file", StringType()), StructField("text", StringType()),
                     StructField("duration", DoubleType()), StructField("error", StringType())])
table = spark.read.json(lines, schema=schema).orderBy("file")
if not options.json:
    table.show(table.count(), truncate=False)
found, failed = table.count(), table.filter("error IS NOT NULL").count()
spark.stop()
if found != len(options.paths):
    raise SystemExit(f"error: {found} results of {len(options.paths)} recordings")
raise SystemExit(1 if failed else 0)
