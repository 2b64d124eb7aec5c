#!/bin/bash
# Give the image's node the settings that the service's promises rest on, then go on as the image does.
set -euo pipefail
file=${CASSANDRA_CONF:-/etc/cassandra}/cassandra.yaml

settings=(
    # On the disk before it is acknowledged. `batch` refuses to stand beside a period, which is taken out below.
    "commitlog_sync: batch"
    "commitlog_compression: [{class_name: LZ4Compressor}]"
    # A node that cannot write ends, and is started again, rather than living on without answering.
    "commit_failure_policy: die"
    "disk_failure_policy: die"
    "paxos_variant: v2"
    # Expiry dates beyond 2038.
    "storage_compatibility_mode: NONE"
    # Below the 2 s after which the service gives up, so that it learns the node's reason.
    "read_request_timeout: 1500ms"
    "write_request_timeout: 1500ms"
    "cas_contention_timeout: 1000ms"
    # A task at its largest, with its projections, in one batch.
    "batch_size_warn_threshold: 64KiB"
    "batch_size_fail_threshold: 1024KiB"
)

edited=$(sed -E '/^commitlog_sync_period:/d' "$file")
for setting in "${settings[@]}"; do
    edited=$(sed -E "/^${setting%%:*}:/d" <<<"$edited")$'\n'$setting
done
echo "$edited" >"$file"

exec docker-entrypoint.sh cassandra -f
