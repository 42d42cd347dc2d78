"""Holds `etude codes` and `etude codes decode` against `transformers` with random codecs of full size, on real audio.

  python check_codec.py song.ogg [--etude .build/release/etude] [--models 24khz 48khz 32khz small] [--seconds 20]

Makes EnCodec's models at 24 and 48 kHz, MusicGen's at 32 kHz and the small one (16 filters, no LSTM) in a temporary
folder, takes the given seconds from the middle of the file at the model's rate, stereo where the model is, and prints

- the share of codes that are equal at 8 codebooks (all 4 of MusicGen's) in fp32 and in bf16, and how many of its codes
  `transformers` itself finds again in double precision;
- of each frame the first code that differs: how much farther the entry chosen here is from what was left than the
  one chosen there, in double precision and relative to the distance;
- the relative RMS of the decoder's output for the codes of `etude`.

Fails if less than 99.9 % of the codes are equal, if a differing one is no near-tie (1e-4), or if the decoder is off by
1e-4 or more.

Needs transformers 5.23, torch 2.11, soundfile, soxr; takes some minutes on two cores.
"""

import argparse
import copy
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import soundfile
import soxr
import torch
from safetensors.torch import load_file
from transformers import EncodecConfig, EncodecModel
from transformers.models.encodec.modeling_encodec import EncodecConv1d

MODELS = {
    "24khz": dict(),
    "48khz": dict(
        sampling_rate=48000, audio_channels=2, normalize=True, chunk_length_s=1.0, overlap=0.01,
        use_causal_conv=False, norm_type="time_group_norm", target_bandwidths=[3.0, 6.0, 12.0, 24.0]),
    "32khz": dict(
        sampling_rate=32000, num_filters=64, upsampling_ratios=[8, 5, 4, 4], codebook_size=2048,
        use_causal_conv=False, use_conv_shortcut=False, target_bandwidths=[2.2]),
    "small": dict(num_filters=16, num_lstm_layers=1, target_bandwidths=[1.5, 3.0, 6.0]),
}


@torch.no_grad()
def make(name, folder, audio):
    """A random codec whose codebooks hold latents of the audio, so that all codes occur."""
    torch.manual_seed(1)
    model = EncodecModel(EncodecConfig(**MODELS[name])).eval()
    for key, value in model.named_parameters():
        if key.endswith("original0"):
            value.mul_(torch.rand_like(value) + 0.5)
        elif name == "small" and ".lstm." in key:
            value.zero_()
        elif "bias" in key:
            value.copy_(0.05 * torch.randn_like(value))
    convs = [module for module in model.encoder.modules() if isinstance(module, EncodecConv1d)]
    hooks = [conv.register_forward_hook(centre) for conv in convs]
    model.encoder(next(chunks(model, audio))[0])
    for hook in hooks:
        hook.remove()
    residual = torch.cat([model.encoder(part)[0].T for part, _ in chunks(model, audio)])
    for layer in model.quantizer.layers:
        book = layer.codebook
        rows = torch.randint(len(residual), (len(book.embed),))
        book.embed.copy_(residual[rows] + 0.1 * residual.std(0) * torch.randn(book.embed.shape))
        residual = residual - layer.decode(layer.encode(residual.T[None]))[0].T
    model.save_pretrained(folder)
    if name == "small":
        path = folder / "config.json"
        config = json.loads(path.read_text())
        path.write_text(json.dumps(config | {"etude": {"has_lstm": False}}))
    return model


def centre(conv, _, out):
    """Brings what a convolution computes to mean 0 and deviation 1, as training roughly does: around a mean that is a
    hundred times larger, single precision cannot tell latents apart, whoever computes."""
    mean, deviation = out.mean((0, 2)), out.std((0, 2))
    if hasattr(conv, "norm"):
        scale, bias = conv.norm.weight, conv.norm.bias
    else:
        scale, bias = conv.conv.parametrizations.weight.original0, conv.conv.bias
    scale.div_(deviation.reshape(scale.shape))
    bias.copy_((bias - mean) / deviation)
    return (out - mean[:, None]) / deviation[:, None]


def chunks(model, audio):
    """The parts that are encoded by themselves, each divided by its loudness, and the loudness."""
    config = model.config
    length, step = config.chunk_length or audio.shape[-1], config.chunk_stride or audio.shape[-1]
    for start in range(0, audio.shape[-1], step):
        part = audio[..., start:start + length]
        scale = None
        if config.normalize:
            scale = part.mean(1, keepdim=True).square().mean().sqrt().reshape(1, 1) + 1e-8
            part = part / scale
        yield part, scale


@torch.no_grad()
def encode(model, audio, count):
    """Codes [Q, T], scales and latents [T, D]."""
    codes, scales, latents = [], [], []
    for part, scale in chunks(model, audio):
        frames = model.encoder(part)
        bandwidth = count * 0.001 * model.quantizer.frame_rate * model.bits_per_codebook + 1e-9
        codes.append(model.quantizer.encode(frames, bandwidth)[:, 0])
        latents.append(frames[0].T)
        scales += [] if scale is None else [scale]
    return torch.cat(codes, 1), scales, torch.cat(latents)


@torch.no_grad()
def decode(model, codes, scales, samples):
    frames, start = [], 0
    hop = model.config.hop_length
    length, step = model.config.chunk_length or samples, model.config.chunk_stride or samples
    for i, first in enumerate(range(0, samples, step)):
        count = -(-(min(first + length, samples) - first) // hop)
        scale = scales[i].reshape(1, 1) if len(scales) else None
        frames.append(model._decode_frame(codes[:, start:start + count][None], scale))
        start += count
    if not model.config.chunk_length:
        return frames[0][0].T[:samples]
    return model._linear_overlap_add(frames, step)[0].T[:samples]


def near_ties(model, latents, theirs, ours):
    """Of each frame's first differing code: (d_ours - d_theirs) / d, in double precision."""
    gaps = []
    for frame in (theirs != ours).any(0).nonzero()[:, 0].tolist():
        left = latents[frame].double()
        for q, layer in enumerate(model.quantizer.layers):
            book = layer.codebook.embed.double()
            a, b = theirs[q, frame], ours[q, frame]
            if a != b:
                squares = (left - book).square().sum(1)
                gaps.append(float((squares[b] - squares[a]).abs() / squares.min()))
                break
            left = left - book[a]
    return gaps


def etude(command, *arguments):
    subprocess.run([command, "codes", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


def check(name, song, command, seconds):
    rate = MODELS[name].get("sampling_rate", 24000)
    channels = MODELS[name].get("audio_channels", 1)
    info = soundfile.info(song)
    start = max(0, info.frames // 2 - int(seconds * info.samplerate / 2))
    excerpt, _ = soundfile.read(
        song, int(seconds * info.samplerate), start, dtype="float32", always_2d=True)
    if channels == 1:
        excerpt = excerpt.mean(1, keepdims=True)
    excerpt = soxr.resample(excerpt, info.samplerate, rate)
    audio = torch.from_numpy(excerpt.T.copy())[None]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        model = make(name, folder / "codec", audio)
        count = min(8, len(model.quantizer.layers))
        soundfile.write(folder / "sound.wav", excerpt, rate, subtype="FLOAT")
        options = ["--model", folder / "codec", "--codebooks", count]
        coded = {}
        for precision in ["fp32", "bf16"]:
            out = folder / f"{precision}.safetensors"
            etude(command, *options, folder / "sound.wav", "--out", out, "--precision", precision)
            coded[precision] = load_file(out)
        etude(
            command, "decode", "--model", folder / "codec", folder / "fp32.safetensors", "--out",
            folder / "decoded.wav")
        decoded = torch.from_numpy(
            soundfile.read(folder / "decoded.wav", dtype="float32", always_2d=True)[0])
    theirs, scales, _ = encode(model, audio, count)
    exact, _, latents = encode(copy.deepcopy(model).double(), audio.double(), count)
    ours = coded["fp32"]["codes"].long()
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    share = {k: float((v["codes"].long() == theirs).float().mean()) for k, v in coded.items()}
    control = float((exact == theirs).float().mean())
    gaps = near_ties(model, latents, theirs, ours)
    expected = decode(model, ours, coded["fp32"].get("scales", []), audio.shape[-1])
    off = float((decoded - expected).square().mean().sqrt() / expected.square().mean().sqrt())
    used = [len(torch.unique(row)) for row in ours]
    print(
        f"{name}: {ours.shape[1]} frames, {count} codebooks of which {min(used)} to {max(used)} codes occur; "
        f"equal {100 * share['fp32']:.4f} % in fp32, {100 * share['bf16']:.2f} % in bf16 "
        f"(transformers in double precision: {100 * control:.4f} %); "
        f"{len(gaps)} frames differ, gaps at most {max(gaps, default=0):.1e}; decoder off by {off:.1e}")
    return share["fp32"] >= 0.999 and max(gaps, default=0) < 1e-4 and off < 1e-4


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("song")
    parser.add_argument("--etude", default=".build/release/etude")
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=MODELS)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    sound = [check(name, options.song, options.etude, options.seconds) for name in options.models]
    sys.exit(0 if all(sound) else 1)
