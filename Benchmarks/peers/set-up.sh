#!/usr/bin/env bash
# Makes a Python environment with the tools that Utter is measured beside. They are a gigabyte; nothing of Utter needs
# them but the benchmarks. Versions that work together are pinned where that matters.
#
# Usage:    Benchmarks/peers/set-up.sh [FOLDER]      (default: Benchmarks/.peers)
set -euo pipefail
folder="${1:-$(cd "$(dirname "$0")/.." && pwd)/.peers}"
[[ -x "$folder/bin/python" ]] || python3 -m venv "$folder"
pip=("$folder/bin/pip" install --quiet)
"${pip[@]}" --upgrade pip
"${pip[@]}" numpy scipy soundfile onnx onnxruntime onnxscript kaldi-native-fbank librosa
# The CPU build of PyTorch where the index has it; torchaudio without what it would drag in (CUDA).
"${pip[@]}" "torch==2.13.0+cpu" 2>/dev/null || "${pip[@]}" torch --index-url https://download.pytorch.org/whl/cpu \
    2>/dev/null || "${pip[@]}" torch
"${pip[@]}" --no-deps torchaudio
# Its native parts may want CUDA; its Python parts (Kaldi features) are all that is used here.
for library in "$folder"/lib/python3*/site-packages/torchaudio/lib/*.so; do
    if [[ -e "$library" ]]; then mv "$library" "$library.disabled"; fi
done
echo "peers: $folder"
