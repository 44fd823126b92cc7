"""A run on many machines, by Ray: inputs read in portions, articles done by a pool of workers, records in parts.

What was answered lies in the cache that all of them share, so a worker may be killed at any moment: another one does
its part again and pays for nothing twice. `ray` itself is loaded when a run begins.
"""

from quotes.run.cluster.driver import Cluster, ClusterJob, refuse_unfit
from quotes.run.cluster.parts import Parts

__all__ = ["Cluster", "ClusterJob", "Parts", "refuse_unfit"]
