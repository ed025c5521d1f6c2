#!/usr/bin/env bash
# Runs `utter batch` as a job array on a real Slurm, one machine acting as two nodes, and compares what the merged shards
# hold with a run without Slurm. It needs root and Debian's slurm-wlm and munge (apt-get install slurm-wlm munge); where they
# are missing it says so and ends well. The Slurm is its own: its state lies in a temporary folder, its ports are unusual,
# and its daemons end with the script.
#
# Usage:    scripts/check-slurm.sh [FOLDER]      (default: audio)
# Example:  swift build -c release && scripts/check-slurm.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
utter="$PWD/.build/release/utter"
input="$(realpath "${1:-audio}")"

skip() {
    printf 'skipped: %s\n' "$1"
    exit 0
}
for tool in slurmctld slurmd sbatch munged; do
    command -v "$tool" >/dev/null || skip "$tool is missing: apt-get install slurm-wlm munge"
done
(($(id -u) == 0)) || skip 'the daemons of Slurm want root'
[[ -x $utter ]] || { printf 'error: %s is missing: swift build -c release\n' "$utter" >&2; exit 1; }

work="$(mktemp -d)"
daemons=()
finish() {
    local pid
    for pid in "${daemons[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait || true
    rm -rf "$work"
}
trap finish EXIT
mkdir -p "$work"/{state,spool-1,spool-2,log}
host="$(hostname -s)"
chmod 711 "$work"

# A munge of our own: its key, socket and log.
mkdir -m 700 "$work/key"
mkdir -m 755 "$work/munge"
dd if=/dev/urandom of="$work/key/munge.key" bs=1024 count=1 status=none
chmod 600 "$work/key/munge.key"
munged --force --foreground --key-file="$work/key/munge.key" --socket="$work/munge/socket" \
    --pid-file="$work/munge/pid" --log-file="$work/log/munged" --seed-file="$work/key/seed" >/dev/null 2>&1 &
daemons+=($!)

cat >"$work/slurm.conf" <<CONF
ClusterName=utter
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
CredType=cred/munge
SlurmctldPort=16817
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd-%n.pid
SlurmdSpoolDir=$work/spool-%n
StateSaveLocation=$work/state
SlurmctldLogFile=$work/log/slurmctld
SlurmdLogFile=$work/log/slurmd-%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
SchedulerParameters=sched_interval=2
NodeName=1 NodeHostname=$host NodeAddr=127.0.0.1 Port=16818 CPUs=1
NodeName=2 NodeHostname=$host NodeAddr=127.0.0.1 Port=16819 CPUs=1
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF="$work/slurm.conf"
slurmctld -D -f "$SLURM_CONF" >/dev/null 2>&1 &
daemons+=($!)
for node in 1 2; do
    slurmd -D -N "$node" -f "$SLURM_CONF" >/dev/null 2>&1 &
    daemons+=($!)
done
for ((try = 0; try < 60; try++)); do
    [[ $(sinfo --noheader --format '%T %D' 2>/dev/null) == 'idle 2' ]] && break
    sleep 0.5
done
[[ $(sinfo --noheader --format '%T %D') == 'idle 2' ]] || {
    tail -n 5 "$work"/log/* >&2
    printf 'error: the two nodes did not come up\n' >&2
    exit 1
}

"$utter" batch "$input" --recursive --quiet --output "$work/alone" || true
sbatch --wait --array=0-3 --output="$work/log/job-%a" --wrap \
    "echo node \$SLURMD_NODENAME; '$utter' batch '$input' --recursive --threads 1 --output '$work/texts'" ||
    true
cat "$work"/log/job-*
"$utter" batch merge "$work/texts"
"$utter" batch status "$work/texts"
for node in 1 2; do
    grep -qx "node $node" "$work"/log/job-* || {
        printf 'error: node %s did nothing\n' "$node" >&2
        exit 1
    }
done
diff -r --exclude='results*' --exclude='ledger*' --exclude=.utter "$work/alone" "$work/texts"
[[ $(wc -l <"$work/alone/results.jsonl") == "$(wc -l <"$work/texts/results.jsonl")" ]]
printf 'a job array of four tasks on two nodes gave what one run gives\n'
