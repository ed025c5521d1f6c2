/// Corpora that can be turned into manifests.
public enum CorpusFormat: String, Sendable, CaseIterable {
    /// Coqui STT, DeepSpeech: CSV with the columns wav_filename, wav_filesize and transcript.
    case coqui
    /// A Kaldi data folder: wav.scp, text, and utt2spk where there is one.
    case kaldi
    /// A LibriSpeech tree: `*.trans.txt` beside the recordings that they name.
    case librispeech
    /// LJ Speech: metadata.csv, its columns parted by bars, and the folder wavs.
    case ljspeech
    /// Mozilla Common Voice: a TSV file such as train.tsv, and the folder clips.
    case commonVoice = "commonvoice"

    /// Reads the transcripts; the recordings are not opened.
    func read(_ source: String) throws(DataError) -> SourceRows {
        switch self {
        case .coqui: try CoquiCorpus.read(source)
        case .kaldi: try KaldiCorpus.read(source)
        case .librispeech: try LibriSpeechCorpus.read(source)
        case .ljspeech: try LJSpeechCorpus.read(source)
        case .commonVoice: try CommonVoiceCorpus.read(source)
        }
    }
}
