using A2A.Micro.AgentSdk;
using A2A.Micro.Contracts.Errors;

namespace A2A.Micro.Agents.Tests;

public sealed class FileRootsTests : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_file_below_the_root_is_found_by_relative_and_by_absolute_path()
    {
        var path = folder.Put("a.csv", "");
        Assert.Equal(path, folder.Files.Input("a.csv", "p"));
        Assert.Equal(path, folder.Files.Input("../data/./a.csv", "p"));
        Assert.Equal(path, folder.Files.Input(path, "p"));
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../secret")]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData(".")]
    [InlineData("missing.csv")]
    [InlineData("../data-of-others/a.csv")]
    [InlineData("link")]
    [InlineData("folder/secret")]
    [InlineData("hop")]
    [InlineData("loop")]
    public void Whatever_leads_out_is_refused(string path)
    {
        var secret = Path.Combine(folder.Root, "secret");
        File.WriteAllText(secret, "");
        _ = Directory.CreateDirectory(Path.Combine(folder.Root, "data-of-others"));
        File.WriteAllText(Path.Combine(folder.Root, "data-of-others", "a.csv"), "");
        _ = File.CreateSymbolicLink(Path.Combine(folder.Data, "link"), secret);
        _ = File.CreateSymbolicLink(Path.Combine(folder.Data, "hop"), "link");
        _ = File.CreateSymbolicLink(Path.Combine(folder.Data, "loop"), "loop");
        _ = Directory.CreateSymbolicLink(Path.Combine(folder.Data, "folder"), folder.Root);
        Assert.Equal(RejectionReason.InvalidParameters, Assert.Throws<TaskRejectedException>(() => folder.Files.Input(path, "p")).Reason);
    }

    [Fact]
    public void A_link_that_stays_inside_may_be_followed()
    {
        var path = folder.Put("a.csv", "");
        _ = File.CreateSymbolicLink(Path.Combine(folder.Data, "again.csv"), "a.csv");
        Assert.Equal(path, folder.Files.Input("again.csv", "p"));
    }

    [Theory]
    [InlineData("../x.json")]
    [InlineData("/tmp/x.json")]
    [InlineData("out-link/x.json")]
    [InlineData("..")]
    [InlineData("sub/")]
    public void Outputs_stay_below_their_root(string path)
    {
        _ = Directory.CreateDirectory(folder.Out);
        _ = Directory.CreateSymbolicLink(Path.Combine(folder.Out, "out-link"), folder.Root);
        _ = Assert.Throws<TaskRejectedException>(() => folder.Files.Output(path, "p"));
    }
}
