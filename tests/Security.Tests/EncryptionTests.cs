using System.Text;
using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Security.Encryption;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.Security.Tests;

/// <summary>What is sealed opens for whom, where and for what it was sealed, and for nobody else (M11).</summary>
[Trait("Requirement", "43")]
public sealed class EncryptionTests
{
    [Fact]
    [Trait("Requirement", "44")]
    public void What_another_process_wrapped_with_a_key_that_is_new_is_opened_before_the_file_would_be_looked_at_again()
    {
        var file = Path.GetTempFileName(); // readable by its owner alone
        try
        {
            var (old, other) = ($"m1 {Convert.ToBase64String(new byte[32])}", $"m2 {Convert.ToBase64String([.. Enumerable.Repeat((byte)7, 32)])}");
            File.WriteAllText(file, old);
            var clock = new ManualClock();
            var slow = KeyVault.Of(file, keepsNothing: false, clock);
            Assert.Equal("m1", slow.Masters!.Current);
            File.WriteAllLines(file, [other, old]);
            var (kid, wrapped) = KeyVault.Of(file, keepsNothing: false, clock).Masters!.Wrap("acme", "x", "secret"u8);
            Assert.Equal("m2", kid);
            Assert.Equal("secret"u8.ToArray(), slow.Masters.Unwrap("acme", "x", kid, wrapped));
            Assert.Null(slow.Masters.KeyOf("acme", "m3"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static readonly MasterKeys Masters = MasterKeys.Parse($"m1 {Convert.ToBase64String(Fill(1))}\nm0 {Convert.ToBase64String(Fill(2))}");

    private static readonly Gen<JsonElement> Documents =
        from secret in Gen.Elements("hunter2", "", "naïve ☃", "$enc", "0123456789")
        from number in Gen.Choose(0, 1000)
        select JsonSerializer.SerializeToElement(new { key = secret, plain = secret.Length, inner = new { list = new[] { number, 7 }, other = secret } });

    [Fact]
    public void What_was_sealed_is_opened_as_it_was() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(1000),
        Prop.ForAll(
            (from document in Documents
             from places in Gen.SubListOf("/key", "/inner/list", "/inner/other", "/inner", "/inner/list/0", "/nothing", "")
             select (document, places)).ToArbitrary(),
            one =>
            {
                var (key, seal) = TaskKeyring.New(Masters, "default", "t-1");
                var hidden = SealedFields.Seal(one.document, one.places, SealedFields.Parameters, key, seal);
                var (open, _) = SealedFields.Open(hidden, SealedFields.Parameters, TaskKeyring.Open(Masters, seal), seal);
                return JsonElement.DeepEquals(open, one.document)
                    && JsonElement.DeepEquals(SealedFields.Reveal(hidden, SealedFields.Parameters, Masters, "default")!.Value, one.document);
            }));

    [Fact]
    public void A_place_may_stand_for_every_entry()
    {
        var (key, seal) = TaskKeyring.New(Masters, "default", "t-1");
        var users = JsonElement.Parse("""{"users":[{"name":"n1","pin":"1111"},{"name":"n2","pin":"2222"}]}""");
        var hidden = SealedFields.Seal(users, ["/users/*/pin"], SealedFields.Parameters, key, seal);

        Assert.DoesNotContain("1111", hidden.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("2222", hidden.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(
            """{"users":[{"name":"n1","pin":{"sensitive":true}},{"name":"n2","pin":{"sensitive":true}}]}""", SealedFields.Redact(hidden)!.Value.GetRawText());
    }

    [Fact]
    public void Another_place_task_tenant_key_or_kind_opens_nothing()
    {
        var (key, seal) = TaskKeyring.New(Masters, "default", "t-1");
        var hidden = SealedFields.Seal(JsonElement.Parse("""{"a":"secret","b":1}"""), ["/a"], SealedFields.Parameters, key, seal);
        var moved = JsonElement.Parse($$"""{"b":{{hidden.GetProperty("a").GetRawText()}}}""");
        var (other, otherSeal) = TaskKeyring.New(Masters, "default", "t-2");

        Refuses(() => SealedFields.Open(moved, SealedFields.Parameters, key, seal));
        Refuses(() => SealedFields.Open(hidden, SealedFields.Result, key, seal));
        Refuses(() => SealedFields.Open(hidden, SealedFields.Parameters, other, seal));
        Refuses(() => SealedFields.Open(hidden, SealedFields.Parameters, other, otherSeal));
        Refuses(() => SealedFields.Open(hidden, SealedFields.Parameters, key, seal with { Tenant = "another" }));
        Refuses(() => SealedFields.Reveal(hidden, SealedFields.Parameters, Masters, "another"));
        Refuses(() => TaskKeyring.Open(Masters, seal with { Kid = "m0" }));
        Refuses(() => TaskKeyring.Open(Masters, seal with { Kid = "gone" }));
        Refuses(() => TaskKeyring.Open(Masters, seal with { TaskId = "t-2" }));
        Refuses(() => TaskKeyring.Open(Masters, seal with { Tenant = "another" }));
    }

    [Theory]
    [InlineData("nonce")]
    [InlineData("ct")]
    [InlineData("tag")]
    [InlineData("kid")]
    [InlineData("wrapped")]
    [InlineData("task")]
    public void A_changed_member_opens_nothing(string member)
    {
        var (key, seal) = TaskKeyring.New(Masters, "default", "t-1");
        var hidden = SealedFields.Seal(JsonElement.Parse("""{"a":"secret"}"""), ["/a"], SealedFields.Parameters, key, seal);
        var value = hidden.GetProperty("a").GetProperty(member).GetString()!;
        var other = (value[0] == 'A' ? 'B' : 'A') + value[1..];
        var changed = JsonElement.Parse(hidden.GetRawText().Replace($"\"{member}\":\"{value}\"", $"\"{member}\":\"{other}\"", StringComparison.Ordinal));

        Assert.NotEqual(hidden.GetRawText(), changed.GetRawText());
        Refuses(() => SealedFields.Open(changed, SealedFields.Parameters, key, seal));
    }

    [Fact]
    public void An_agent_opens_what_is_for_it_and_for_this_attempt_only()
    {
        using var agent = new AgentKey();
        using var other = new AgentKey();
        var (key, seal) = TaskKeyring.New(Masters, "default", "t-1");
        var offered = TaskKeyring.ForAgent(Masters, seal, agent.Public(), "a1", 2);

        Assert.Equal(key, TaskKeyring.Open(agent, offered, "a1", 2));
        Refuses(() => TaskKeyring.Open(other, offered, "a1", 2));
        Refuses(() => TaskKeyring.Open(agent, offered, "a2", 2));
        Refuses(() => TaskKeyring.Open(agent, offered, "a1", 3));
        Refuses(() => TaskKeyring.Open(agent, offered with { TaskId = "t-2" }, "a1", 2));
        Refuses(() => TaskKeyring.Open(agent, seal, "a1", 2));
        Assert.NotEqual(offered.ForAgent, TaskKeyring.ForAgent(Masters, seal, agent.Public(), "a1", 2).ForAgent);
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void A_point_that_is_not_on_the_curve_is_no_key(string key) => Assert.False(AgentKey.IsPublic(key));

    // RFC 5869, appendix A.1, and the GCM specification's test case 16: the primitives are what they are called.
    [Fact]
    public void The_primitives_are_those_of_their_documents()
    {
        var okm = global::System.Security.Cryptography.HKDF.DeriveKey(
            global::System.Security.Cryptography.HashAlgorithmName.SHA256, Enumerable.Repeat((byte)0x0b, 22).ToArray(), 42,
            Convert.FromHexString("000102030405060708090a0b0c"), Convert.FromHexString("f0f1f2f3f4f5f6f7f8f9"));
        Assert.Equal("3CB25F25FAACD57A90434F64D0362F2A2D2D0A90CF1A5A4C5DB02D56ECC4C5BF34007208D5B887185865", Convert.ToHexString(okm));
        var key = Convert.FromHexString("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
        var box = Convert.FromHexString("cafebabefacedbaddecaf888"
            + "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
            + "76fc6ece0f4e1768cddf8853bb2d551b");
        var text = GcmBox.Open(key, box, Convert.FromHexString("feedfacedeadbeeffeedfacedeadbeefabaddad2"));
        Assert.StartsWith("D9313225F88406E5A55909C5AFF5269A", Convert.ToHexString(text), StringComparison.Ordinal);
    }

    [Fact]
    public void No_nonce_comes_twice()
    {
        var seen = new HashSet<UInt128>(200_000);
        for (var i = 0; i < 200_000; i++)
        {
            var box = GcmBox.Seal(Fill(1), [], []);
            Assert.True(seen.Add(new UInt128(BitConverter.ToUInt32(box, 8), BitConverter.ToUInt64(box, 0))));
        }
    }

    [Fact]
    public void What_an_older_master_key_wrapped_is_opened_until_that_key_is_gone()
    {
        var old = MasterKeys.Parse($"m0 {Convert.ToBase64String(Fill(2))}");
        var (key, seal) = TaskKeyring.New(old, "default", "t-1");
        Assert.Equal("m0", seal.Kid);
        Assert.Equal(key, TaskKeyring.Open(Masters, seal));
        Assert.Equal("m1", TaskKeyring.New(Masters, "default", "t-2").Seal.Kid);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing")]
    [InlineData("m1 c2hvcnQ=")]
    [InlineData("m1")]
    [InlineData("m1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= more")]
    [InlineData("m1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nm1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=")]
    public void A_file_without_sound_keys_is_refused(string text) => Refuses(() => MasterKeys.Parse(text));

    [Fact]
    public void A_caller_cannot_forge_what_is_sealed()
    {
        Assert.Equal("/a/0", SealedFields.Forged(JsonElement.Parse("""{"a":[{"$enc":"v1"}]}""")));
        Assert.Equal("", SealedFields.Forged(JsonElement.Parse("""{"\u0024enc":1}""")));
        Assert.Null(SealedFields.Forged(JsonElement.Parse("""{"a":"$enc","b":"\"$enc\""}""")));
    }

    [Fact]
    public void No_text_that_leaves_repeats_a_secret() =>
        Assert.Equal("no such key: [sensitive]!", new Secrets(["hunter2", "a"]).Without("no such key: hunter2!"));

    private static void Refuses(Func<object?> what) => Assert.Throws<SecurityBreachException>(() => what());

    private static byte[] Fill(byte one) => [.. Enumerable.Repeat(one, 32)];
}
