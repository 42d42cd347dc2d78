"""What the checks of models of full size share."""

import soundfile
import soxr


def crop(audio, seconds, rate, path):
    """Both sides get the same samples: a wav of floats at the model's rate, from the middle of a song; returned `[L]`."""
    with soundfile.SoundFile(audio) as file:
        frames = int(seconds * file.samplerate)
        file.seek(max(0, (file.frames - frames) // 2))
        samples = file.read(frames, dtype="float64", always_2d=True).mean(1)
        samples = soxr.resample(samples, file.samplerate, rate, quality="HQ").astype("float32")
    soundfile.write(path, samples, rate, subtype="FLOAT")
    return samples


def relative(ours, theirs):
    """The relative RMS of each layer, `[layers, T, D] -> [layers]`."""
    difference = (ours.double() - theirs.double()).pow(2).sum((1, 2))
    return (difference / theirs.double().pow(2).sum((1, 2))).sqrt()
