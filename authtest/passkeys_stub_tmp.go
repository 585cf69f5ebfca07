package authtest

type Passkeys struct{}
type passkey struct{}
type passkeyCeremony struct{}

func (c *call) canUsePasskey(u *user) bool                            { return false }
func (c *call) challengePasskey(a attempt) (*authResponse, *apiError) { return nil, nil }
func answerPasskey(c *call, s *session, responses map[string]string) (*authResponse, *apiError) {
	return nil, nil
}
