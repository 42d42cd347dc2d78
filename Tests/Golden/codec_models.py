"""Writes codecs/NAME/: tiny random codecs as `transformers` and `encodec` save them, each with golden.safetensors.

golden.safetensors holds, computed in double precision, for every length L of the waveform of `waveform(L)`:
  codes.L [Q, T]           of all codebooks (of all chunks, one after the other)
  latents.L [T, D]         before quantisation (absent for a codec of chunks)
  decoded.L [samples, C]   of the codes; of long waveforms the first and last 400 samples
  scales.L [chunks]        of a codec that normalises loudness
and of single parts:
  lstm.input, lstm.output [1, T, H]      of the encoder's LSTM (absent without)
  transposed.weight [I, K, O]            of the decoder's first transposed convolution, gain and direction multiplied
  conv.K.S.D.L [L', 1]                   padding alone: a convolution of ones with K taps, stride S, dilation D over
                                         waveform(L), for lengths from 1
  trim.S [4 S, 1]                        a transposed convolution with stride S of four frames

Run: python codec_models.py (transformers 5.23, encodec 0.1.1, torch 2.11).
"""

from pathlib import Path

import numpy as np
import torch
from encodec.modules import SEANetDecoder, SEANetEncoder
from encodec.quantization import ResidualVectorQuantizer
from safetensors.torch import load_file, save_file
from transformers import EncodecConfig, EncodecFeatureExtractor, EncodecModel
from transformers.models.encodec.modeling_encodec import EncodecConv1d, EncodecConvTranspose1d

here = Path(__file__).parent / "codecs"
lengths = [1, 2, 7, 319, 320, 321, 24000, 24001]
shared = dict(hidden_size=6, upsampling_ratios=[5, 4], num_filters=4, codebook_size=16)
configs = {
    # As EnCodec at 24 kHz: four stages, causal, weight norm.
    "causal": EncodecConfig(
        hidden_size=5, num_filters=2, codebook_size=16, target_bandwidths=[0.6, 1.2, 2.4]),
    # As MusicGen's: not causal, no convolution in the shortcut.
    "not-causal": EncodecConfig(
        **shared, use_causal_conv=False, use_conv_shortcut=False, sampling_rate=1000,
        num_lstm_layers=1, target_bandwidths=[0.8]),
    # As EnCodec at 48 kHz: stereo, group norm, chunks.
    "chunks": EncodecConfig(
        **shared, use_causal_conv=False, norm_type="time_group_norm", audio_channels=2,
        normalize=True, chunk_length_s=1.0, overlap=0.01, sampling_rate=1000, num_lstm_layers=1,
        target_bandwidths=[0.8]),
    # What no published model has: zeros at the ends, several dilated residual units, both ends trimmed.
    "zeros": EncodecConfig(
        **shared, pad_mode="constant", num_residual_layers=3, dilation_growth_rate=3, compress=1,
        trim_right_ratio=0.3, kernel_size=5, last_kernel_size=4, residual_kernel_size=2,
        sampling_rate=1000, num_lstm_layers=1, target_bandwidths=[0.8]),
}


def waveform(samples, channels=1):
    """[channels, samples]: whole numbers modulo a prime, so that every language computes the same."""
    i = np.arange(samples * channels, dtype=np.int64)
    values = ((i * 7919 + i * i % 1009 * 31) % 2003 - 1001) / 1001.0
    return torch.tensor(values, dtype=torch.float64).float().double().reshape(samples, channels).T


@torch.no_grad()
def randomise(model):
    """Gains, biases and norms away from their first values."""
    for name, value in model.named_parameters():
        if name.endswith(("weight_g", "original0", "norm.weight")):
            value.mul_(torch.rand_like(value) + 0.5)
        elif "bias" in name:
            value.copy_(torch.randn_like(value) * 0.1)


@torch.no_grad()
def fill(codebooks, latents):
    """Vectors about as far apart as what is left for them."""
    residual = latents
    for book in codebooks:
        book.embed.copy_(
            residual.mean(0) + residual.std(0) * torch.randn(book.embed.shape).double())
        book.embed_avg.copy_(book.embed * 2)
        book.cluster_size.copy_(torch.rand(book.cluster_size.shape) + 1)
        book.inited.fill_(1)
        nearest = torch.cdist(residual, book.embed).argmin(1)
        residual = residual - book.embed[nearest]


def ends(x):
    return x if len(x) <= 800 else torch.cat([x[:400], x[-400:]])


def parts(config):
    """Padding and trimming alone, with weights of ones."""
    tensors = {}
    for kernel, stride, dilation in [(7, 1, 1), (4, 2, 1), (10, 5, 1), (3, 1, 4), (3, 2, 1)]:
        conv = EncodecConv1d(config, 1, 1, kernel, stride, dilation).double()
        set_to_ones(conv.conv)
        for length in range(1, 13):
            out = conv(waveform(length)[None])
            tensors[f"conv.{kernel}.{stride}.{dilation}.{length}"] = out[0].T
    for stride in [2, 3, 5]:
        conv = EncodecConvTranspose1d(config, 1, 1, 2 * stride, stride).double()
        set_to_ones(conv.conv)
        tensors[f"trim.{stride}"] = conv(waveform(4)[None])[0].T
    return tensors


def set_to_ones(conv):
    """Taps 1, 2, 3, ..., bias 0."""
    with torch.no_grad():
        conv.weight = torch.arange(1, conv.weight.numel() + 1.0).double().reshape(conv.weight.shape)
        conv.bias.zero_()


def golden(config, encode, decode, latents, lstm, transposed):
    tensors = {"transposed.weight": transposed.permute(0, 2, 1)}
    if lstm is not None:
        sequence = torch.randn(1, 9, lstm.lstm.input_size, dtype=torch.float64)
        tensors["lstm.input"] = sequence
        tensors["lstm.output"] = lstm(sequence.permute(0, 2, 1)).permute(0, 2, 1)
    for length in lengths:
        audio = waveform(length, config["channels"])[None]
        codes, scales = encode(audio)
        tensors[f"codes.{length}"] = torch.cat(codes, -1).int()
        if scales:
            tensors[f"scales.{length}"] = torch.cat(scales)
        tensors[f"decoded.{length}"] = ends(decode(codes, scales, length).T)
        if not config["chunks"]:
            tensors[f"latents.{length}"] = latents(audio)[0].T
    return tensors


def save(tensors, folder):
    save_file(
        {
            k: (v if v.dtype == torch.int32 else v.float()).detach().contiguous().clone()
            for k, v in tensors.items()
        },
        folder / "golden.safetensors",
    )


@torch.no_grad()
def transformers_golden(name, config):
    torch.manual_seed(list(configs).index(name) + 61)
    model = EncodecModel(config).eval()
    randomise(model)
    model = model.double()
    probe = waveform(8000, config.audio_channels)[None]
    if config.normalize:
        probe = probe[..., :1000] / probe[..., :1000].mean(1, keepdim=True).square().mean().sqrt()
    fill([layer.codebook for layer in model.quantizer.layers], model.encoder(probe)[0].T)
    # What is saved is single precision; so is what is computed with.
    model = model.float().double()
    folder = here / name
    folder.mkdir(parents=True, exist_ok=True)
    model.float().save_pretrained(folder)
    model = model.double()
    EncodecFeatureExtractor(
        config.audio_channels, config.sampling_rate, chunk_length_s=config.chunk_length_s,
        overlap=config.overlap,
    ).save_pretrained(folder)
    if name == "not-causal":
        use_old_spelling(folder)

    def encode(audio):
        # Frame by frame, because the last one is filled up with zeros otherwise.
        length, step = config.chunk_length or audio.shape[-1], config.chunk_stride
        pieces = [
            model._encode_frame(audio[..., i:i + length], config.target_bandwidths[-1])
            for i in range(0, audio.shape[-1], step or audio.shape[-1])
        ]
        scales = [scale[0] for _, scale in pieces if scale is not None]
        return [codes[0] for codes, _ in pieces], scales

    def decode(codes, scales, length):
        frames = [
            model._decode_frame(c[None], scales[i][None] if scales else None)
            for i, c in enumerate(codes)
        ]
        if not config.chunk_length:
            return frames[0][0][..., :length]
        return model._linear_overlap_add(frames, config.chunk_stride)[0][..., :length]

    tensors = golden(
        dict(channels=config.audio_channels, chunks=config.chunk_length is not None), encode,
        decode, model.encoder,
        next(layer for layer in model.encoder.layers if hasattr(layer, "lstm")),
        next(
            layer for layer in model.decoder.layers if isinstance(layer, EncodecConvTranspose1d)
        ).conv.weight,
    )
    if config.norm_type == "weight_norm":
        tensors |= parts(config)
    save(tensors, folder)


def use_old_spelling(folder):
    path = folder / "model.safetensors"
    tensors = {
        k.replace("parametrizations.weight.original0", "weight_g")
        .replace("parametrizations.weight.original1", "weight_v"): v
        for k, v in load_file(path).items()
    }
    save_file(tensors, path, metadata={"format": "pt"})


@torch.no_grad()
def original_golden():
    """A codec without LSTM, which `transformers` has not, by the code of its authors."""
    torch.manual_seed(71)
    sizes = dict(
        channels=1, dimension=5, n_filters=4, ratios=[5, 4], lstm=0, causal=True,
        norm="weight_norm", pad_mode="reflect", true_skip=False)
    encoder, decoder = SEANetEncoder(**sizes).eval(), SEANetDecoder(**sizes).eval()
    quantizer = ResidualVectorQuantizer(dimension=5, n_q=4, bins=16).eval()
    model = torch.nn.ModuleDict(dict(encoder=encoder, decoder=decoder, quantizer=quantizer))
    randomise(model)
    model.double()
    books = [layer._codebook for layer in quantizer.vq.layers]
    fill(books, encoder(waveform(8000)[None])[0].T)
    folder = here / "original"
    folder.mkdir(parents=True, exist_ok=True)
    torch.save({"best_state": model.float().state_dict(), "xp.cfg": "odd: true"}, folder / "codec.th")
    torch.save(model.state_dict(), folder / "state.pt")
    model.double()
    # The weight itself is only computed when the module is called.
    transposed = decoder.model[2].convtr.convtr
    tensors = golden(
        dict(channels=1, chunks=False),
        lambda audio: ([quantizer.vq.encode(encoder(audio), n_q=4)[:, 0]], []),
        lambda codes, _, length: decoder(quantizer.vq.decode(codes[0][:, None]))[0][..., :length],
        encoder, None, torch._weight_norm(transposed.weight_v, transposed.weight_g, 0))
    save(tensors, folder)


if __name__ == "__main__":
    for name, config in configs.items():
        transformers_golden(name, config)
    original_golden()
