"""Writes pytorch/: files that torch.save makes, sound ones and hostile ones, and what is in them.

  tensors.pt, legacy.pt    a dictionary of tensors of every type, with views, steps and shared storages;
                           expected.safetensors has what they hold
  hubert-post.bin, ...     models/NAME with its weights as pytorch_model.bin, some in 16 bits
  fairseq-*.pt             models/NAME as fairseq would keep it, under fairseq's names, with settings as
                           a dictionary, a namespace or OmegaConf's; models/NAME/golden.safetensors has
                           the hidden states that transformers computes from the same weights. The numbers
                           of its heads count up from 0, tensor by tensor
  fairseq-options.pt       models/mert-deep with MERT's deepnorm and do_cnn_feat_stable_layernorm
  fairseq-circle-*.pt      settings that hold themselves
  hostile.json             pickles that must be refused, base64, with a word of the complaint

fairseq and OmegaConf are not needed: classes of their names are made here.
Run: python pytorch_files.py (torch 2.11), after models.py and models_deep.py.
"""

import argparse
import base64
import enum
import json
import pickle
import sys
import types
from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

here = Path(__file__).parent
out = here / "pytorch"
out.mkdir(exist_ok=True)
torch.manual_seed(0)


def stand_in(module, name, base=object):
    """A class that pickles as module.name."""
    for i in range(1, module.count(".") + 2):
        parent = ".".join(module.split(".")[:i])
        sys.modules.setdefault(parent, types.ModuleType(parent))
    cls = type(name, (base,), {"__module__": module, "__qualname__": name})
    setattr(sys.modules[module], name, cls)
    return cls


# Tensors of every type and layout.
base = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 8 - 1
tensors = {
    "float": base.clone(),
    "turned": base.t(),
    "strided": base[1:, 1::2],
    "window": base[2:3, 2:5],
    "shared": base,
    "half": base.half(),
    "bfloat16": base.bfloat16() * 1.001,
    "double": base.double() / 3,
    "long": torch.tensor([-5, 2**31 - 1]),
    "int": torch.tensor([[-7], [9]], dtype=torch.int32),
    "short": torch.tensor([-300, 300], dtype=torch.int16),
    "char": torch.tensor([-128, 127], dtype=torch.int8),
    "byte": torch.tensor([0, 255], dtype=torch.uint8),
    "bool": torch.tensor([True, False]),
    "scalar": torch.tensor(2.5),
    "empty": torch.zeros(0, 3),
    "parameter": torch.nn.Parameter(base[:2].clone()),
}
torch.save(OrderedDict(tensors), out / "tensors.pt")
torch.save(tensors, out / "legacy.pt", _use_new_zipfile_serialization=False)
torch.save(tensors, out / "protocol4.pt", pickle_protocol=4)
torch.save({"large": torch.tensor([2**31])}, out / "large.pt")
save_file(
    {k: (v.float() if v.is_floating_point() else v.int()).detach().clone().contiguous()
     for k, v in tensors.items()},
    out / "expected.safetensors",
)


def weights(name):
    return load_file(here / "models" / name / "model.safetensors")


def spelled(name):
    return name.replace("parametrizations.weight.original0", "weight_g").replace(
        "parametrizations.weight.original1", "weight_v"
    )


# pytorch_model.bin: as MERT was published, with a head as HubertForCTC's, in 16 bits, in the old form.
post, pre, data2vec = weights("hubert-post"), weights("hubert-pre"), weights("data2vec")
torch.save({spelled(k): v for k, v in post.items()}, out / "hubert-post.bin")
ctc = {"hubert." + k: v for k, v in post.items()}
ctc |= {"lm_head.weight": torch.zeros(32, 12), "lm_head.bias": torch.zeros(32)}
torch.save(ctc, out / "hubert-ctc.bin")
torch.save({k: v.bfloat16() for k, v in pre.items()}, out / "hubert-pre-bf16.bin")
torch.save({k: v.half() for k, v in data2vec.items()}, out / "data2vec-fp16.bin",
           _use_new_zipfile_serialization=False)


# fairseq's names and settings.
def fairseq_name(name, layered, stacked):
    parts = spelled(name).split(".")
    if name == "masked_spec_embed":
        return "mask_emb"
    if parts[0] == "feature_extractor":
        i, kind, leaf = parts[2:]
        norm = "2.1" if layered else "2"
        return f"feature_extractor.conv_layers.{i}.{'0' if kind == 'conv' else norm}.{leaf}"
    if parts[0] == "feature_projection":
        return ("layer_norm." if parts[1] == "layer_norm" else "post_extract_proj.") + parts[2]
    if parts[1] == "pos_conv_embed":
        if stacked:
            return f"encoder.pos_conv.{parts[3]}.0.{parts[5]}"
        return f"encoder.pos_conv.0.{parts[3]}"
    for theirs, ours in [
        (".attention.", ".self_attn."), (".feed_forward.intermediate_dense", ".fc1"),
        (".feed_forward.output_dense", ".fc2"),
    ]:
        name = name.replace(theirs, ours)
    if parts[1] == "layers" and parts[3] == "layer_norm":
        name = name.replace(".layer_norm.", ".self_attn_layer_norm.")
    return name


def fairseq(name, layered, stacked, heads):
    state = OrderedDict((fairseq_name(k, layered, stacked), v) for k, v in weights(name).items())
    state.update(heads)
    return state


common = dict(
    activation_fn="gelu", dropout=0.1, attention_dropout=0.1, activation_dropout=0.0,
    encoder_layerdrop=0.05, dropout_features=0.1, conv_pos_groups=4,
    conv_feature_layers="[(6,10,5)] + [(5, 3, 2)] + [(7,2,2)] * 1", mask_prob=0.8,
)
hubert = common | dict(
    _name="hubert", extractor_mode="default", layer_norm_first=False, conv_bias=False,
    encoder_layers=2, encoder_embed_dim=12, encoder_ffn_embed_dim=22, encoder_attention_heads=3,
    conv_pos=8, dropout_input=0.1, feature_grad_mult=0.1, untie_final_proj=True,
)
large = common | dict(
    _name="mert", extractor_mode="layer_norm", layer_norm_first=True, conv_bias=True,
    encoder_layers=3, encoder_embed_dim=10, encoder_ffn_embed_dim=17, encoder_attention_heads=5,
    conv_pos=7, conv_pos_groups=2, dropout_input=0.0, deepnorm=False, attention_relax=32.0,
    feature_grad_mult=1.0,
)
audio = common | dict(
    _name="data2vec_audio", extractor_mode="layer_norm", layer_norm_first=False,
    encoder_layers=2, encoder_embed_dim=12, encoder_ffn_embed_dim=19, encoder_attention_heads=2,
    conv_pos=15, pos_conv_depth=3, conv_pos_groups=3, conv_bias=False, dropout_input=0.0,
    feature_grad_mult=1.0,
)


def counting(*shape):
    return torch.arange(float(torch.tensor(shape).prod())).reshape(shape)


# Two label sets of 6 and 3 codes, compared in 4 channels; each set's dictionary has four symbols first.
heads = {
    "final_proj.weight": counting(8, 12), "final_proj.bias": counting(8),
    "label_embs_concat": counting(17, 4),
}
# Two sets of 5 codes, which only the names of the labels tell, with one projection for both.
cqt = {
    "final_proj.weight": counting(4, 10), "final_proj.bias": counting(4),
    "label_embs_concat": counting(18, 4),
    "encoder_cqt_model.fc.weight": counting(6, 10),
    "encoder_cqt_model.fc.bias": counting(6),
    "encoder_cqt_model.spec_layer.lenghts": torch.zeros(6),
    "logit_temp_list": torch.zeros(8),
}
ema = {
    "final_proj.weight": counting(12, 12), "final_proj.bias": counting(12),
    "_ema": {"layers.0.fc1.weight": torch.zeros(2)},
}

Dictionary = stand_in("fairseq.data.dictionary", "Dictionary")


def dictionary(codes):
    words = Dictionary()
    words.symbols = ["<s>", "<pad>", "</s>", "<unk>"] + [str(code) for code in range(codes)]
    words.count = [1] * len(words.symbols)
    return words


torch.save(
    {
        "args": None, "cfg": {"model": hubert, "task": {"sample_rate": 24000, "normalize": False}},
        "model": fairseq("hubert-post", False, False, heads), 
        "task_state": {"dictionaries": [dictionary(6), dictionary(3)]},
        "extra_state": {"train_iterator": {"epoch": 3}, "val_loss": None, "metrics": (1, 2.5, "x")},
        "last_optimizer_state": {"state": {0: {"step": 7, "exp_avg": torch.ones(3)}}},
    },
    out / "fairseq-hubert.pt",
)
namespace = argparse.Namespace(
    arch="mert", sample_rate=24000, normalize=True, labels=["a", "b"], subln=True, **{k: v for k, v in large.items() if k != "_name"})
torch.save(
    {"args": namespace, "cfg": None, "model": fairseq("hubert-pre", True, False, cqt)},
    out / "fairseq-mert.pt",
)

# OmegaConf keeps a node for every value, each with a way to its parent.
DictConfig = stand_in("omegaconf.dictconfig", "DictConfig")
AnyNode = stand_in("omegaconf.nodes", "AnyNode")
EnumNode = stand_in("omegaconf.nodes", "EnumNode")
Mode = enum.Enum("Mode", {"layer_norm": "layer_norm"}, module="fairseq.modes", qualname="Mode")
sys.modules["fairseq.modes"] = types.ModuleType("fairseq.modes")
sys.modules["fairseq.modes"].Mode = Mode


def omega(values, parent=None):
    config = DictConfig()
    content = {}
    config.__dict__ = {"_metadata": None, "_parent": parent, "_content": content}
    for key, value in values.items():
        if isinstance(value, dict):
            content[key] = omega(value, config)
        else:
            node = (EnumNode if isinstance(value, enum.Enum) else AnyNode)()
            node.__dict__ = {"_metadata": None, "_parent": config, "_val": value}
            content[key] = node
    return config


audio["extractor_mode"] = Mode.layer_norm
torch.save(
    {
        "cfg": omega({"model": audio, "task": {"sample_rate": 24000, "normalize": True}}),
        "model": fairseq("data2vec", True, True, ema),
    },
    out / "fairseq-data2vec.pt", _use_new_zipfile_serialization=False,
)


# MERT's options: without the norm's parameters, which do_cnn_feat_stable_layernorm has not.
options = hubert | dict(
    _name="mert", encoder_layers=3, encoder_ffn_embed_dim=14, deepnorm=True,
    do_cnn_feat_stable_layernorm=True,
)
deep = fairseq("mert-deep", False, False, {})
del deep["layer_norm.weight"], deep["layer_norm.bias"]
torch.save(
    {"cfg": {"model": options, "task": {"sample_rate": 24000, "normalize": False}}, "model": deep},
    out / "fairseq-options.pt",
)

# An object may hold itself: as its content, and as its attributes.
content = DictConfig()
content.__dict__ = {"_content": content}
attributes = DictConfig()
type(attributes).__reduce__ = lambda self: (DictConfig, (), self)
torch.save({"cfg": attributes, "model": {}}, out / "fairseq-circle-attributes.pt")
del type(attributes).__reduce__
torch.save({"cfg": content, "model": {}}, out / "fairseq-circle-content.pt")


# Hostile pickles.
class Run:
    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def op(*parts):
    return b"\x80\x02" + b"".join(parts) + b"."


circle = []
circle.append(circle)
hostile = {
    "os.system": (pickle.dumps({"a": Run(__import__("os").system, "touch etude-was-here")}, 2),
                  "system"),
    "builtins.eval": (pickle.dumps(Run(eval, "1"), 2), "eval"),
    "builtins.getattr": (pickle.dumps(Run(getattr, "a", "b"), 4), "getattr"),
    "a nested pickle": (pickle.dumps(Run(pickle.loads, pickle.dumps(1)), 4), "loads"),
    "a nested storage": (op(b"ctorch.storage\n_load_from_bytes\n", b"U\x01a\x85R"),
                         "_load_from_bytes"),
    "through a package": (op(b"cfairseq.file_utils\nos.system\n"), "os.system"),
    "an unknown storage": (op(b"ctorch\nEvilStorage\n"), "EvilStorage"),
    "a list in itself": (pickle.dumps(circle, 2), "holds itself"),
    "protocol 0": (pickle.dumps([1], 0), "0x6c"),
    "an extension": (op(b"\x82\x01"), "0x82"),
    "an instance": (op(b"(ios\nsystem\n"), "0x69"),
    "cut off": (pickle.dumps(list(range(9)), 2)[:-3], "ends in the middle"),
    "empty": (b"", "ends in the middle"),
    "nothing on the stack": (op(b"a"), "damaged"),
    "an absent memory": (op(b"h\x05"), "damaged"),
    "marks alone": (op(b"(" * 40), "damaged"),
    "a huge text": (op(b"X\xff\xff\xff\xff"), "ends in the middle"),
    "a huge length": (op(b"\x8d" + b"\xff" * 8), "impossible length"),
    "a call of text": (op(b"X\x01\x00\x00\x00a)R"), "damaged"),
}
storage = b"(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x04tQ"
rebuild = b"ctorch._utils\n_rebuild_tensor_v2\n"


def tensor(shape, strides, offset=b"K\x00"):
    return op(rebuild, b"(", storage, offset, shape, strides, b"\x89)tR")


small = b"K\x04\x85"
hostile |= {
    "beyond its storage": (tensor(b"K\x05\x85", b"K\x01\x85"), "does not lie within"),
    "an offset beyond": (tensor(small, b"K\x01\x85", b"K\x01"), "does not lie within"),
    "an offset before": (tensor(small, b"K\x01\x85", b"J\xff\xff\xff\xff"), "does not lie within"),
    "steps backwards": (tensor(small, b"J\xff\xff\xff\xff\x85"), "does not lie within"),
    "repeated numbers": (tensor(b"J\xff\xff\xff\x7f\x85", b"K\x00\x85"), "does not lie within"),
    "an overflow": (tensor(b"\x8a\x08" + b"\xff" * 7 + b"\x7f\x85", b"K\x02\x85"),
                    "does not lie within"),
    "more steps than axes": (tensor(small, b"K\x01K\x01\x86"), "does not lie within"),
    "a negative length": (
        op(rebuild, b"(", storage.replace(b"K\x04", b"J\xff\xff\xff\xff"), b"K\x00", small,
           b"K\x01\x85\x89)tR"), "impossible length"),
}
(out / "hostile.json").write_text(json.dumps([
    {"name": name, "problem": problem, "pickle": base64.b64encode(content).decode()}
    for name, (content, problem) in hostile.items()
], indent=0) + "\n")
