"""The Datadog agent's OpenMetrics check, run twice over a node: datadog.py URL CONF.YAML prints what it submits, a name a line."""

import sys

import yaml
from datadog_checks.base import OpenMetricsBaseCheckV2
from datadog_checks.base.stubs import aggregator

url, configuration = sys.argv[1:]
with open(configuration) as file:
    configuration = yaml.safe_load(file)
instance = configuration["instances"][0] | {"openmetrics_endpoint": url}
check = OpenMetricsBaseCheckV2("openmetrics", {}, [instance])
check.check_id = "openmetrics:node"
for _ in range(2):
    trouble = check.run()
    if trouble:
        sys.exit(trouble)
names = {*aggregator.metric_names, *aggregator._histogram_buckets}
print(*sorted(names), sep="\n")
