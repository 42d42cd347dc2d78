"""Writes models_mel/omar-rq/: small random models by the authors' code, as they are published.

  mel/{config.gin, model.ckpt}        a folder of OMAR-RQ with patches of log-mel
  waveform/{config.gin, model.ckpt}   one with patches of the waveform, and of a mel spectrogram as a second representation

In each golden.safetensors holds, computed in double precision from the float32 input:
  waveform [2, samples]
  features [2, T, C]          mel: the standardised frames; waveform: the standardised patches
  states [2, 2, T', 12]       what leaves each layer
  dy [2, T', 12]
  gradient.NAME               of each tensor of the model, the gradient of sum(states[-1] * dy), or itself if it has none
Run: PYTHONPATH=SITE python Tests/Golden/omar.py (omar-rq 0.2.1, gin-config 0.5, pytorch-lightning 2.6, nnAudio,
transformers, einops, torchaudio 2.11)
"""

from pathlib import Path

import gin
import torch
from omar_rq import get_model
from safetensors.torch import save_file

here = Path(__file__).parent / "models_mel/omar-rq"
COMMON = """# Of pre-training, which the authors' code asks for.
modules.maskingmodel.MaskingModel.num_codebooks = 1
modules.maskingmodel.MaskingModel.codebook_size = 16
modules.maskingmodel.MaskingModel.codebook_dim = 4
modules.maskingmodel.MaskingModel.lr = 1e-4
modules.maskingmodel.MaskingModel.weight_decay = 1e-2
modules.maskingmodel.MaskingModel.mask_seconds = 0.4
modules.maskingmodel.MaskingModel.mask_prob = 0.6
modules.maskingmodel.MaskingModel.seed = 0
modules.maskingmodel.MaskingModel.diff_input = False
train.params = {
    "accelerator": "gpu",  # a comment
    "devices": 4,
}

build_module.module = @modules.maskingmodel.MaskingModel
build_module.net = @nets.conformer.Conformer
build_module.ckpt_path = "model.ckpt"
nets.conformer.Conformer.embed_dim = 12
nets.conformer.Conformer.depth = 2
nets.conformer.Conformer.conv_kernel_size = 5
nets.conformer.Conformer.num_heads = 3
nets.conformer.Conformer.mlp_ratio = 2.0
nets.conformer.Conformer.mlp_residual_factor = 4.0
nets.conformer.Conformer.dropout = 0.2
nets.conformer.Conformer.input_dropout = 0.0
nets.conformer.Conformer.use_deepnorm = True
nets.conformer.Conformer.alpha_deepnorm =  2.6321480259049848 # of 24 layers
nets.conformer.Conformer.beta_deepnorm = 0.022386873579657126
nets.conformer.Conformer.use_rope = True
nets.conformer.Conformer.num_patches = None

nets.melspectrogram.MelSpectrogram.sr = %new_freq
nets.melspectrogram.MelSpectrogram.win_len = 512
nets.melspectrogram.MelSpectrogram.power = 2
nets.melspectrogram.MelSpectrogram.n_mel = 96
nets.melspectrogram.MelSpectrogram.norm = "slaney"
nets.melspectrogram.MelSpectrogram.mel_scale = "slaney"
nets.melspectrogram.MelSpectrogram.stretch_factor = 1
nets.melspectrogram.MelSpectrogram.freq_mask_param = 0
nets.melspectrogram.MelSpectrogram.time_mask_param = 0
"""
MEL = """new_freq = 16000
build_module.representation = @nets.melspectrogram.MelSpectrogram
nets.melspectrogram.MelSpectrogram.hop_len = 256
nets.melspectrogram.MelSpectrogram.norm_mean = 2.06755686098554
nets.melspectrogram.MelSpectrogram.norm_std = 1.268292820667291
nets.melspectrogram.MelSpectrogram.patch_size = (96, 4)
"""
WAVEFORM = """new_freq = 24000
build_module.representation = [
    @nets.melspectrogram.MelSpectrogram,
    @nets.waveform.Waveform]
modules.maskingmodel.MaskingModel.input_representation = @nets.waveform.Waveform
nets.melspectrogram.MelSpectrogram.hop_len = 320
nets.melspectrogram.MelSpectrogram.norm_mean = 1.860820794608335
nets.melspectrogram.MelSpectrogram.norm_std = 1.2249547514586288
nets.melspectrogram.MelSpectrogram.patch_size = (96, 3)
nets.waveform.Waveform.sr = %new_freq
nets.waveform.Waveform.norm_std = 0.1908563740990311
nets.waveform.Waveform.norm_mean = 0
nets.waveform.Waveform.patch_size = (1, 48)
"""


def stored(x):
    return x.detach().float().clone().contiguous() if x.is_floating_point() else x.detach().clone()


def write(name, text, samples, rate):
    folder = here / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.gin").write_text(text + COMMON)
    gin.clear_config()
    torch.manual_seed(18)
    model = get_model(config_file=folder / "config.gin", load_weights=False)
    with torch.no_grad():
        for key, x in model.state_dict().items():
            if "running_var" in key:
                x += torch.rand_like(x)
            elif x.is_floating_point() and "freqs" not in key:
                x += 0.1 * torch.randn_like(x)
    weights = {n: stored(x) for n, x in model.state_dict().items() if n.startswith(("net.", "embedding_layer."))}
    torch.save(weights, folder / "model.ckpt")
    model = get_model(config_file=folder / "config.gin")

    time = torch.arange(samples) / rate
    chord = sum(torch.sin(2 * torch.pi * f * time) for f in [220, 277.2, 329.6]) / 8
    waveform = torch.stack([chord * torch.exp(-3 * time), chord.flip(0)]) + 0.01 * torch.randn(2, samples)
    features = model.input_rep(waveform)
    patches, _ = model.vit_tokenization(features, model.input_rep)
    golden = {"waveform": stored(waveform)}
    golden["features"] = stored(features.transpose(1, 2)) if name == "mel" else stored(patches)
    model = model.double()
    states = model.net(model.embedding_layer(patches.double()), layers={0, 1})
    golden["states"] = stored(states)
    golden["dy"] = stored(torch.randn(states[-1].shape))
    (states[-1] * golden["dy"].double()).sum().backward()
    gradients = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
    for key in weights:
        if "tracked" not in key:
            golden[f"gradient.{key}"] = stored(gradients.get(key, weights[key]))
    save_file(golden, folder / "golden.safetensors")


if __name__ == "__main__":
    # 25 frames and the one on the end: six patches and two frames that are left over.
    write("mel", MEL, 6_500, 16_000)
    write("waveform", WAVEFORM, 440, 24_000)
