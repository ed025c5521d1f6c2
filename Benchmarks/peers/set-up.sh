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
"${pip[@]}" numpy==2.4.6 scipy==1.17.1 soundfile==0.14.0 onnx==1.23.2 onnxruntime==1.32.0 onnxscript \
    kaldi_native_fbank==1.23.0 librosa==0.11.0 safetensors
# The CPU build of PyTorch where the index has it; torchaudio without what it would drag in (CUDA).
"${pip[@]}" "torch==2.13.0+cpu" 2>/dev/null || "${pip[@]}" torch==2.13.0 \
    --index-url https://download.pytorch.org/whl/cpu 2>/dev/null || "${pip[@]}" torch==2.13.0
"${pip[@]}" --no-deps torchaudio==2.11.0
"${pip[@]}" kenlm==0.3.0 flashlight-text==0.0.7 pygtrie hypothesis
"${pip[@]}" --no-deps pyctcdecode==0.5.0  # its dependencies ask for an old NumPy
# Its native parts may want CUDA; its Python parts (Kaldi features) are all that is used here.
for library in "$folder"/lib/python3*/site-packages/torchaudio/lib/*.so; do
    if [[ -e "$library" ]]; then mv "$library" "$library.disabled"; fi
done
echo "peers: $folder"
