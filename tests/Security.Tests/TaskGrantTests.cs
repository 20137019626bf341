using System.Text;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Access;
using A2A.Micro.Security.Encryption;
using A2A.Micro.Security.Grants;
using A2A.Micro.Security.Identity;

namespace A2A.Micro.Security.Tests;

/// <summary>The text of a grant: what it says cannot be changed, and nobody else can write one.</summary>
[Trait("Requirement", "95")]
public sealed class TaskGrantTests
{
    private static readonly DateTimeOffset Noon = new(2029, 12, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly MasterKeys Masters = MasterKeys.Parse("m1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");

    private static readonly TaskGrant Grant = new(
        "acme@task-1", 3, "worker", TaskGrant.ScopesMax, DateTimeOffset.FromUnixTimeSeconds(1_893_456_000));

    // Computed with another implementation of HKDF and HMAC.
    private const string Text = "v1.m1.YWNtZUB0YXNrLTEKMwp3b3JrZXIKMwoxODkzNDU2MDAw.8euTi0cA4xU2DrevEN3fKcsgFHGmzZXEQzcl698utak";

    [Fact]
    public void A_grant_is_the_text_that_another_implementation_computes_and_reads_back()
    {
        Assert.Equal(Text, Grant.Print(Masters));
        Assert.Equal((Grant, ""), TaskGrant.Read(Masters, Text, Noon));
    }

    [Fact]
    public void No_character_of_it_can_be_changed_left_out_or_added()
    {
        for (var i = 0; i < Text.Length; i++)
        {
            Assert.Null(TaskGrant.Read(Masters, Text[..i] + (Text[i] == 'A' ? 'B' : 'A') + Text[(i + 1)..], Noon).Grant);
            Assert.Null(TaskGrant.Read(Masters, Text.Remove(i, 1), Noon).Grant);
            Assert.Null(TaskGrant.Read(Masters, Text.Insert(i, "A"), Noon).Grant);
        }
    }

    [Theory]
    [InlineData("acme@task-2\n3\nworker\n3\n1893456000", "another task")]
    [InlineData("evil@task-1\n3\nworker\n3\n1893456000", "another tenant")]
    [InlineData("acme@task-1\n4\nworker\n3\n1893456000", "the next attempt")]
    [InlineData("acme@task-1\n3\nother\n3\n1893456000", "another agent")]
    [InlineData("acme@task-1\n3\nworker\n511\n1893456000", "wider scopes")]
    [InlineData("acme@task-1\n3\nworker\n3\n2893456000", "a later end")]
    public void Other_words_under_its_signature_are_refused(string words, string what)
    {
        var parts = Text.Split('.');
        var forged = string.Join('.', parts[0], parts[1], System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(words)), parts[3]);
        Assert.True(TaskGrant.Read(Masters, forged, Noon) is { Grant: null, Reason: "a grant that was changed" }, what);
    }

    [Fact]
    public void It_ends_to_the_second_and_with_its_key()
    {
        Assert.NotNull(TaskGrant.Read(Masters, Text, Grant.ExpiresAt.AddSeconds(-1)).Grant);
        Assert.Equal((null, "a grant that has expired"), TaskGrant.Read(Masters, Text, Grant.ExpiresAt));
        var next = MasterKeys.Parse("m2 " + Convert.ToBase64String(new byte[32]) + "\nm1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        Assert.NotNull(TaskGrant.Read(next, Text, Noon).Grant);
        Assert.StartsWith("v1.m2.", Grant.Print(next), StringComparison.Ordinal);
        Assert.Equal((null, "a grant under an unknown key"), TaskGrant.Read(Masters, Grant.Print(next), Noon));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("v1")]
    [InlineData("v1...")]
    [InlineData("v2.m1.YQ.8euTi0cA4xU2DrevEN3fKcsgFHGmzZXEQzcl698utak")]
    [InlineData("Bearer x")]
    public void What_is_no_grant_is_refused(string? text) => Assert.Equal((null, "not a grant"), TaskGrant.Read(Masters, text, Noon));

    [Theory]
    [InlineData("running", 3, "worker", false)]
    [InlineData("input_required", 3, "worker", false)]
    [InlineData("offered", 3, "worker", false)]
    [InlineData("queued", 3, null, false)]
    [InlineData("queued", 2, null, false)]
    [InlineData("submitted", 0, null, false)]
    [InlineData("queued", 4, null, true)]
    [InlineData("running", 4, "worker", true)]
    [InlineData("running", 3, "other", true)]
    [InlineData("paused", 3, "worker", true)]
    [InlineData("blocked", 3, "worker", true)]
    [InlineData("completed", 3, "worker", true)]
    [InlineData("cancelled", 2, "worker", true)]
    public void It_is_good_as_long_as_its_attempt_goes_on_or_is_not_known_yet(string state, int attempt, string? agent, bool ended) =>
        Assert.Equal(ended, GrantDesk.Ended(Grant, new TaskDocument
        {
            TaskId = "task-1",
            TaskType = "t",
            State = Contracts.Wire.WireWord.Parse<TaskState>(state),
            Version = 1,
            Sequence = 1,
            Priority = 2,
            CreatedAt = Noon,
            UpdatedAt = Noon,
            Attempt = attempt,
            AgentId = agent,
        }));
}
