using System.Text.Json;
using A2A.Micro.Contracts.Payloads;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.Contracts.Tests;

/// <summary>What is too large to travel becomes a reference and parts, and comes back as it was.</summary>
[Trait("Requirement", "70")]
public sealed class PayloadTests
{
    private static readonly Guid Id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch);

    [Fact]
    public void What_is_packed_comes_back_to_the_byte() => Prop.ForAll(
        Arb.From(Gen.Choose(0, 0x10FFFF).ListOf()), codes =>
        {
            var json = JsonSerializer.SerializeToElement(codes.Select(code => char.ConvertFromUtf32(code is >= 0xD800 and < 0xE000 ? 'x' : code)));
            var packed = PayloadPacking.Pack(json, Id);
            return PayloadPacking.Unpack(packed.Reference, packed.Parts).GetRawText() == json.GetRawText();
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_does_not_compress_travels_in_parts_that_a_broker_takes()
    {
        var bytes = new byte[6 * 1024 * 1024];
        new System.Random(7).NextBytes(bytes);
        var packed = PayloadPacking.Pack(JsonSerializer.SerializeToElement(Convert.ToBase64String(bytes)), Id);
        Assert.InRange(packed.Parts.Count, 12, PayloadPacking.PartsMax);
        Assert.All(packed.Parts, part => Assert.InRange(part.Length, 1, PayloadPacking.PartBytes));
        Assert.Equal(bytes, PayloadPacking.Unpack(packed.Reference, packed.Parts).GetBytesFromBase64());
    }

    [Fact]
    public void Only_what_we_wrote_is_a_reference()
    {
        var reference = PayloadPacking.Pack(JsonElement.Parse("""{"a":1}"""), Id).Reference;
        Assert.Equal(reference, PayloadReference.Of(reference.Element()));
        Assert.True(PayloadReference.Claims(reference.Element()));
        foreach (var other in (string[])["{}", "[]", "7", "null", """{"$payload":1,"a":2}""", """{"a":{"$payload":1}}""", """{"payload":{}}"""])
        {
            Assert.Null(PayloadReference.Of(JsonElement.Parse(other)));
            Assert.False(PayloadReference.Claims(JsonElement.Parse(other)), other);
        }

        foreach (var unsound in (PayloadReference[])
        [
            reference with { Bytes = PayloadReference.BytesMax + 1 }, reference with { Parts = 0 }, reference with { Parts = 101 },
            reference with { Sha256 = "00" },
        ])
        {
            Assert.Null(PayloadReference.Of(unsound.Element()));
            Assert.True(PayloadReference.Claims(unsound.Element()));
        }
    }

    [Fact]
    public void Parts_of_something_else_are_refused_and_unpack_to_no_more_than_was_said()
    {
        var packed = PayloadPacking.Pack(JsonSerializer.SerializeToElement(new string('x', 100_000)), Id);
        foreach (var wrong in (PayloadReference[])
            [packed.Reference with { Bytes = 50_000 }, packed.Reference with { Bytes = 100_003 }, packed.Reference with { Sha256 = new string('0', 64) }])
        {
            _ = Assert.Throws<InvalidDataException>(() => PayloadPacking.Unpack(wrong, packed.Parts));
        }

        _ = Assert.Throws<InvalidDataException>(() => PayloadPacking.Unpack(packed.Reference, []));
        _ = Assert.Throws<InvalidDataException>(() => PayloadPacking.Unpack(packed.Reference, [new byte[] { 1, 2, 3 }]));
    }
}
